/** Exports made to be judged as something else than they are, or to keep whoever judges them from ever ending. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runVerify, verifyFolder } from '../../../electron/cli/verify-command.ts'
import { verifyAhead } from '../../../electron/cli/verify-ahead.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createCheckpointSplitter } from '../../../shared/audit/export.ts'
import { parseKnownWords } from '../../../shared/audit/known-words.ts'
import { describeCompleteness, describeFacts } from '../../../shared/audit/report-sentences.ts'
import { verifyExport } from '../../../shared/audit/verify-export.ts'
import { placeOf, wholeExport, type Files } from '../../support/export-files.ts'
import { noteOf, playScene, without, wordsOf } from '../../support/tamper-case.ts'

const { log, key } = playScene('hostile exports')
const files = wholeExport(log, key)
const options = { knownCheckpoint: null, createHash: () => createHash('sha256') }

let root: string
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-hostile-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function lay(more: Files): string {
  const dir = mkdtempSync(path.join(root, 'case-'))
  for (const [name, bytes] of more) writeFileSync(path.join(dir, name), bytes)
  return dir
}

async function say(dir: string): Promise<string> {
  let out = ''
  const write = (text: string): void => void (out += text)
  const args = { folder: dir, knownCheckpoint: null, knownWords: null, json: false }
  await runVerify(args, { write, writeError: write })
  return out
}

describe('an export', () => {
  it('with a vault beside it is not judged at all: which one was meant is not for us to guess', async () => {
    const dir = lay(new Map([...files, ['vault.sqlite3', new Uint8Array(0)]]))
    await expect(verifyFolder(dir, null)).rejects.toMatchObject({ code: 'VAULT_EXISTS' })
  })

  it('is called one, and says when nobody vouches for the files beside the log', async () => {
    const beside = 'vouched for by nobody'
    const whole = await say(lay(files))
    expect(whole).toContain('Verified: an export of the whole log.')
    expect(whole).not.toContain(beside)
    expect(await say(lay(without(files, 'export.json')))).toContain(beside)
    const report = await verifyExport(nodePrimitives, placeOf(without(files, 'export.json')), options)
    expect(describeFacts(report, 'vault').join(' ')).not.toContain(beside)
  })

  it('whose checkpoint never ends is read in little memory', () => {
    const splitter = createCheckpointSplitter()
    for (let line = 0; line < 1000; line++) splitter.addLine('x'.repeat(10_000))
    // Longer than any note, so that it is refused; not ten million characters.
    expect(splitter.end()?.length).toBeGreaterThan(16_384)
    splitter.addLine('x'.repeat(10_000_000))
    expect(splitter.end()?.length).toBeLessThan(65_536)
  })

  it('with more manifests than there can be is broken, whatever they say', async () => {
    const many = new Map([...files, ['manifests.jsonl', new TextEncoder().encode('{}\n'.repeat(65_600))] as const])
    const { integrity, checked } = await verifyExport(nodePrimitives, placeOf(many), options)
    expect(integrity.verdict).toBe('broken')
    expect(checked.manifests).toBe(65_537)
  })
})

describe('taps that were verified ahead', () => {
  it('answer for their own inputs alone, wherever one ends and the next begins', async () => {
    const { primitives, prepare } = verifyAhead(nodePrimitives)
    let asked = 0
    const prying = {
      ...primitives,
      verifyP256: (x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
        asked++
        const shifted = Uint8Array.of(message.at(-1) ?? 0, ...signature)
        expect(primitives.verifyP256(x, y, message.subarray(0, -1), shifted)).toBe(false)
        return primitives.verifyP256(x, y, message, signature)
      },
    }
    expect((await verifyExport(prying, placeOf(files), { ...options, prepare })).integrity.verdict).toBe('intact')
    expect(asked).toBeGreaterThan(0)
  })
})

describe('words known from elsewhere', () => {
  it('never say as much as a checkpoint', async () => {
    const knownWords = wordsOf(log, -1)
    const knownCheckpoint = noteOf(log, -1)
    const judge = async (known: object) =>
      (await verifyExport(nodePrimitives, placeOf(files), { ...options, ...known })) satisfies object
    const byWords = await judge({ knownWords })
    expect(byWords.completeness).toMatchObject({ verdict: 'complete', byWords: true })
    expect(describeCompleteness(byWords)[0]).toBe('COMPLETE BY WORDS ONLY')
    const byBoth = await judge({ knownWords, knownCheckpoint })
    expect(byBoth.completeness).not.toHaveProperty('byWords')
    expect(describeCompleteness(byBoth)[0]).toBe('COMPLETE')
    // A checkpoint that says nothing leaves the words alone.
    const byNothing = await judge({ knownWords, knownCheckpoint: 'nothing\n' })
    expect(describeCompleteness(byNothing)[0]).toBe('COMPLETE BY WORDS ONLY')
  })

  it.each([
    ['a b c', '5'],
    ['a b c d e', '5'],
    ['a b c d', ''],
    ['a b c d', '0'],
    ['a b c d', '-1'],
    ['', ''],
  ])('are four, with a length: not %j and %j', (words, size) => {
    expect(parseKnownWords(words, size)).toBeNull()
    expect(parseKnownWords(' Abandon  ability able\nabout ', ' 7 ')).toEqual({
      words: ['abandon', 'ability', 'able', 'about'],
      size: 7,
    })
  })
})

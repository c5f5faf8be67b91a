/**
 * Two verifiers of one format: the product's, and one in Python, from docs/format.md, that shares no code with it. Where they disagree, one
 * of three is wrong: the product, the page, or the second verifier.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../electron/cli/verify-command.ts'
import { fromUtf8 } from '../../shared/bytes.ts'
import { makeTamperCorpus } from '../support/tamper-corpus.ts'
import { firstKey, sealCredential, setUpVault, startJourney, textField } from '../support/vault-journey.ts'
import { check } from '../unit/audit/check-log.ts'
import { ceremonyLies } from '../unit/audit/ceremony-lies.ts'
import { delayLies, undelayedLies } from '../unit/audit/delay-lies.ts'
import { delayed } from '../unit/audit/delay-scene.ts'
import { delayTruths } from '../unit/audit/delay-truths.ts'
import { jointLies } from '../unit/audit/joint-lies.ts'
import type { TestLog } from '../unit/audit/log-writer.ts'
import type { ExportVector, LogVector } from '../unit/audit/make-vectors.ts'
import { createTestVault } from '../unit/audit/test-vault.ts'
import { barredLies, requestLies } from '../unit/audit/request-lies.ts'
import { versionLies } from '../unit/audit/version-lies.ts'
import { makeWorkplace, starters } from '../unit/system/starters.ts'
import { goodModel, jointTruths, lies, modelLies, plainLies, truths, type Lie } from './lies.ts'
import { judge, noPython, title } from './run-oracle.ts'

let root: string
let made = 0
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-oracle-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** Writes an export folder, as docs/format.md, section 6 says. */
function writeFolder(log: TestLog, knownCheckpoint: string | null = null): string {
  const folder = path.join(root, String(made++))
  mkdirSync(folder)
  const lines = (items: readonly Uint8Array[]): string => items.map((item) => `${fromUtf8(item)}\n`).join('')
  writeFileSync(path.join(folder, 'log.jsonl'), lines(log.entries))
  writeFileSync(path.join(folder, 'manifests.jsonl'), lines(log.manifests))
  writeFileSync(path.join(folder, 'checkpoints.txt'), log.checkpoints.join('\n'))
  if (knownCheckpoint !== null) writeFileSync(path.join(folder, 'known.txt'), knownCheckpoint)
  return folder
}

function play(lie: Lie, options: Partial<Parameters<typeof createTestVault>[0]> = { passphrase: true }): TestLog {
  const vault = createTestVault({ seed: 'oracle', checkpointEvery: 5, ...options })
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  lie({ vault, ada, grace, edsger }, vault.seal(ada))
  return vault.finish()
}

describe.skipIf(noPython)(title, () => {
  it('says of the committed vectors what the product says', () => {
    const dir = new URL('../vectors/log/', import.meta.url)
    const vectors = readdirSync(dir).map((name) => JSON.parse(readFileSync(new URL(name, dir), 'utf8')) as LogVector)
    expect(vectors.length).toBeGreaterThanOrEqual(3)
    const bytes = (texts: readonly string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text))
    const reports = judge(
      vectors.map(({ entries, manifests, checkpoints, knownCheckpoint }) =>
        writeFolder(
          { entries: bytes(entries), manifests: bytes(manifests), checkpoints: [...checkpoints] },
          knownCheckpoint,
        ),
      ),
    )
    for (const [at, { about, expected }] of vectors.entries()) {
      const { integrity, completeness, size } = expected
      const [first] = integrity.problems
      const found = reports[at]
      expect(found, about).toMatchObject({
        integrity: { verdict: integrity.verdict, trustworthy: integrity.trustworthy },
        completeness: { verdict: completeness.verdict, problem: completeness.problems[0]?.code ?? null },
        size,
        root: expected.root,
      })
      expect(found?.integrity.problems[0]?.code, about).toBe(first?.code)
      expect(found?.integrity.problems[0]?.seq, about).toBe(first?.seq)
    }
  })

  it('says of the committed exports what the product says', () => {
    const dir = new URL('../vectors/export/', import.meta.url)
    const vectors = readdirSync(dir).map((name) => JSON.parse(readFileSync(new URL(name, dir), 'utf8')) as ExportVector)
    expect(vectors.length).toBeGreaterThanOrEqual(4)
    const reports = judge(
      vectors.map(({ files, knownCheckpoint }) => {
        const folder = path.join(root, String(made++))
        mkdirSync(folder)
        for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
        if (knownCheckpoint !== null) writeFileSync(path.join(folder, 'known.txt'), knownCheckpoint)
        return folder
      }),
    )
    for (const [at, { about, expected }] of vectors.entries()) {
      const { integrity, completeness, size, root: head } = expected
      expect(reports[at], about).toMatchObject({
        integrity: { verdict: integrity.verdict, trustworthy: integrity.trustworthy },
        completeness: { verdict: completeness.verdict, problem: completeness.problems[0]?.code ?? null },
        size,
        root: head,
      })
      const [first] = integrity.problems
      expect(reports[at]?.integrity.problems[0]?.code, about).toBe(first?.code)
      expect(reports[at]?.integrity.problems[0]?.seq, about).toBe(first?.seq)
    }
  })

  it('finds what a station that lies perfectly has made up, with the code that the product gives', async () => {
    const logs = [
      ...Object.entries(lies).map(([name, lie]) => ({ name, log: play(lie) })),
      ...Object.entries(plainLies).map(([name, lie]) => ({ name, log: play(lie, {}) })),
      ...Object.entries(jointLies).map(([name, { tell }]) => ({ name, log: play(tell, {}) })),
      ...Object.entries(ceremonyLies).map(([name, { tell }]) => ({ name, log: play(tell, {}) })),
      ...Object.entries({ ...undelayedLies, ...versionLies, ...requestLies }).map(([name, { tell }]) => ({
        name,
        log: play(tell, {}),
      })),
      ...Object.entries({ ...delayTruths, ...delayLies }).map(([name, { tell }]) => ({
        name,
        log: play(tell, delayed),
      })),
      ...Object.entries(barredLies).map(([name, { tell }]) => ({ name, log: play(tell, { requesterMayTap: false }) })),
      ...Object.entries(modelLies).map(([name, lie]) => ({ name, log: play(lie, { model: goodModel }) })),
    ]
    const reports = judge(logs.map(({ log }) => writeFolder(log)))
    for (const [at, { name, log }] of logs.entries()) {
      const { integrity } = await check(log)
      const found = reports[at]?.integrity
      expect(integrity.verdict, name).toBe(truths.has(name) || jointTruths.includes(name) ? 'intact' : 'broken')
      expect(found?.verdict, name).toBe(integrity.verdict)
      const [first] = integrity.problems
      expect([found?.problems[0]?.code, found?.problems[0]?.seq], name).toEqual([first?.code, first?.seq])
    }
  })

  it('says of every export of the corpus what it must, honest or tampered with', { timeout: 300_000 }, () => {
    const corpus = makeTamperCorpus()
    const reports = judge(
      corpus.map(({ files, known, knownWords: said }) => {
        const folder = path.join(root, String(made++))
        mkdirSync(folder)
        for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes)
        if (known !== null) writeFileSync(path.join(folder, 'known.txt'), known)
        if (said !== undefined) writeFileSync(path.join(folder, 'words.txt'), [...said.words, said.size].join(' '))
        return folder
      }),
    )
    for (const [at, { name, integrity, completeness, code }] of corpus.entries()) {
      const found = reports[at]
      expect(found?.integrity.verdict, name).toBe(integrity)
      expect(found?.completeness.verdict, name).toBe(completeness)
      const codes = [...(found?.integrity.problems ?? []).map((problem) => problem.code), found?.completeness.problem]
      if (code === null) expect(codes, name).toEqual([null])
      else expect(codes, name).toContain(code)
    }
  })

  it('verifies an export that the product made, and finds every changed byte of it', { timeout: 60_000 }, async () => {
    const place = makeWorkplace()
    const journey = await startJourney(starters(place), () => place.exportDir)
    try {
      const vault = await setUpVault(journey, { n: 3, k: 2 })
      await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
      const [person] = vault.custodians
      if (person === undefined) throw new Error('no custodian')
      journey.tap.touch(firstKey(person))
      const signed = await journey.app.call['export.make']({
        person: person.id,
        selection: null,
        archive: false,
      })
      await journey.app.until((state) => state.exported?.operation === signed?.operation, 'the export')
      const [honest] = judge([place.exportDir])
      const report = await verifyFolder(place.exportDir, null)
      expect(honest).toMatchObject({ integrity: { verdict: 'intact', problems: [] }, size: report.size })
      expect(honest?.root).toBe(report.root)

      const copies = ['log.jsonl', 'checkpoints.txt', 'manifests.jsonl'].flatMap((name) => {
        const bytes = readFileSync(path.join(place.exportDir, name))
        // Spread over the file, with its first byte and its last.
        return Array.from({ length: 9 }, (_, part) => {
          const at = Math.floor(((bytes.length - 1) * part) / 8)
          const folder = path.join(root, String(made++))
          cpSync(place.exportDir, folder, { recursive: true })
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ 1
          writeFileSync(path.join(folder, name), changed)
          return { folder, what: `${name}, byte ${String(at)}` }
        })
      })
      const reports = judge(copies.map(({ folder }) => folder))
      for (const [at, { folder, what }] of copies.entries()) {
        expect(reports[at]?.integrity.verdict, what).toBe('broken')
        expect((await verifyFolder(folder, null)).integrity.verdict, what).toBe('broken')
      }
    } finally {
      await journey.app.close()
      place.remove()
    }
  })
})

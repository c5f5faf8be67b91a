/** verify.mjs as an auditor runs it: bare Node, an empty folder, nothing but the file. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleVerifiers } from '../../../build/bundle-verifier.ts'
import { exitCodeOf } from '../../../electron/cli/verify-export.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { verifyExport } from '../../../shared/audit/verify-export.ts'
import { placeOf, type Files } from '../../support/export-files.ts'
import { knownOf } from '../../support/tamper-case.ts'
import { makeOddArchives } from '../../support/tamper-archive.ts'
import { makeTamperCorpus } from '../../support/tamper-corpus.ts'

/** A slice looks at one case in this many, the campaign at all. */
const stride = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1 : 9
const corpus = makeTamperCorpus()

let root: string
let empty: string
beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-mjs-'))
  empty = path.join(root, 'empty')
  mkdirSync(empty)
  await bundleVerifiers(path.join(root, 'kit'), '0.0.0+test')
  writeFileSync(path.join(empty, 'verify.mjs'), readFileSync(path.join(root, 'kit', 'verify.mjs')))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function run(...args: string[]) {
  // No environment: no NODE_PATH, no NODE_OPTIONS, nothing of ours.
  const { status, stdout, stderr } = spawnSync(process.execPath, ['verify.mjs', ...args], { cwd: empty, env: {} })
  return { code: status, out: stdout.toString(), err: stderr.toString() }
}

function lay(name: string, files: Files): string {
  const dir = path.join(root, name)
  mkdirSync(dir)
  for (const [file, bytes] of files) writeFileSync(path.join(dir, file), bytes)
  return dir
}

describe('verify.mjs on bare Node', () => {
  const sample = corpus
    .map((one, at) => [one.name, at, one] as const)
    .filter(([, at, one]) => at % stride === 0 || one.completeness === 'complete')

  it.each(sample)('%s: the same report as the command line', async (_, at, one) => {
    const dir = lay(`case-${String(at)}`, one.files)
    const known = path.join(root, `known-${String(at)}`)
    if (one.known !== null) writeFileSync(known, one.known)
    const said = one.knownWords
    const args = [
      ...(one.known === null ? [] : ['--known-checkpoint', known]),
      ...(said === undefined ? [] : ['--known-words', said.words.join(' '), '--known-size', String(said.size)]),
    ]
    const expected = await verifyExport(nodePrimitives, placeOf(one.files), {
      ...knownOf(one),
      createHash: () => createHash('sha256'),
    })
    const folder = run(dir, ...args, '--json')
    expect(JSON.parse(folder.out)).toEqual(expected)
    expect(folder).toMatchObject({ code: exitCodeOf(expected), err: '' })
    const tar = `${dir}.tar`
    execFileSync('tar', ['-cf', tar, '-C', root, path.basename(dir)])
    const archive = run(tar, ...args, '--json')
    expect(JSON.parse(archive.out)).toEqual(expected)
    expect(archive.code).toBe(folder.code)
  })

  it.each(makeOddArchives(corpus[0]!.files))('refuses %s', (name, bytes) => {
    const file = path.join(root, `odd ${name.replaceAll(/\W/g, '_')}.tar`)
    writeFileSync(file, bytes)
    expect(run(file)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('[VAULT_MISSING]') as unknown })
  })

  it('says it in sentences', () => {
    const { code, out } = run(lay('sentences', corpus[0]!.files))
    expect(out).toMatch(/^Integrity: {4}INTACT\. .*\nCompleteness: CANNOT BE JUDGED\. /)
    expect(code).toBe(0)
  })

  it('fails plainly on what is no export, and on wrong arguments', () => {
    expect(run(empty)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('[VAULT_MISSING]') as unknown })
    const words = ['--known-words', 'one two three four']
    for (const args of [[], ['a', 'b'], ['--nonsense'], ['a', ...words], ['a', '--known-size', '7']]) {
      expect(run(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage') as unknown })
    }
    expect(run('--version')).toMatchObject({ code: 0, out: '0.0.0+test\n' })
    expect(run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage') as unknown })
  })
})

describe('the verifiers', () => {
  it('are the same bytes every time they are built, and name nothing outside', async () => {
    await bundleVerifiers(path.join(root, 'again'), '0.0.0+test')
    for (const name of ['verify.html', 'verify.mjs']) {
      const bytes = readFileSync(path.join(root, 'again', name))
      expect(bytes.equals(readFileSync(path.join(root, 'kit', name)))).toBe(true)
      expect(bytes.toString()).not.toContain(process.cwd())
    }
    const page = readFileSync(path.join(root, 'kit', 'verify.html'), 'utf8')
    expect(page).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/)
    const markup = page.replace(/<script>.*<\/script>/s, '')
    expect(markup.length).toBeLessThan(20_000)
    expect(markup).not.toMatch(/<(link|img|iframe|object|embed|script)\b|\bsrc=|@import|url\(/)
    // A browser runs what the policy's hash names, to the last space.
    for (const [tag, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ] as const) {
      const text = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page)?.[1] ?? ''
      const hash = createHash('sha256').update(text).digest('base64')
      expect(page).toContain(`${directive} 'sha256-${hash}'`)
    }
    const imports = [
      ...readFileSync(path.join(root, 'kit', 'verify.mjs'), 'utf8').matchAll(/^import .* from "(.*)";/gm),
    ]
    for (const [, from] of imports) expect(from).toMatch(/^(node:)?(crypto|fs|fs\/promises|path|util)$/)
  })
})

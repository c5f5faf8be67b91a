/** Every kind of export of a vault that was used, through the verifier; and what must never be in one. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../electron/cli/run.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { createExportKit } from '../../../electron/vault/export/export-kit.ts'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { makeExportProgram, type ExportProgram } from '../../support/export-program.ts'
import { searchFiles } from '../../support/search-for-secret.ts'
import { createHandClock } from '../../support/vault-place.ts'
import {
  firstKey,
  openRequest,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from '../system/starters.ts'

const secrets = ['sentinel-Xq7-correct-horse', 'sentinel-Wv2-battery-staple']

let program: ExportProgram
let place: Workplace
let root: string
let credential: string
let person: string
let before: Entry[]

async function readEntries(): Promise<Entry[]> {
  const database = await openDatabase(path.join(place.dir, 'vault.sqlite3'), 'read')
  const rows = await database.all('SELECT bytes FROM entries ORDER BY seq')
  await database.close()
  return rows.map(({ bytes }) => JSON.parse(Buffer.from(bytes as Uint8Array).toString()) as Entry)
}

beforeAll(async () => {
  program = await makeExportProgram()
  place = makeWorkplace()
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-selections-'))
  const journey = await startJourney(starters(place))
  const vault = await setUpVault(journey, { n: 3, k: 2 })
  const fields = secrets.map((secret, at) => textField(`Password ${String(at)}`, secret))
  credential = await sealCredential(journey, vault, fields)
  await openRequest(journey, vault.requester, credential)
  const reveal = revealPage(journey)
  for (const tapper of [vault.requester, ...vault.custodians.slice(0, 2)]) {
    journey.tap.touch({ key: firstKey(tapper) })
    await journey.tap.feedback()
  }
  const page = await reveal
  await page.begin({})
  await page.show({ field: 0 })
  await page.hideNow({})
  await journey.app.until((state) => state.operation === null)
  await journey.app.close()
  person = vault.requester.id
  before = await readEntries()
})
afterAll(() => {
  program.remove()
  place.remove()
  rmSync(root, { recursive: true, force: true })
})

const make = (name: string, selection: Selection | null, archive: boolean, programDir: string | null = program.dir) =>
  exportVault({
    dir: place.dir,
    wish: { selection, archive, chosen: path.join(root, name) },
    programDir,
    clock: createHandClock(Date.UTC(2026, 11, 24)),
    appVersion: '0.0.0+test',
    knownCheckpointFile: null,
  })

/** Streams of a PDF, unpacked: text is not searched through a compression. */
function unpackPdf(file: string): void {
  const bytes = readFileSync(file)
  const parts: Buffer[] = []
  for (let at = bytes.indexOf('stream\n'); at !== -1; at = bytes.indexOf('stream\n', at + 7)) {
    try {
      parts.push(inflateSync(bytes.subarray(at + 7)))
    } catch {
      // "endstream", or a stream that is not compressed.
    }
  }
  writeFileSync(`${file}.txt`, Buffer.concat(parts))
}

const period = (): Selection => ({ kind: 'period', from: before[3]!.at, to: before.at(-2)!.at })
const selections: readonly (readonly [string, () => Selection | null])[] = [
  ['the whole log', () => null],
  ['a period', period],
  ['a credential', () => ({ kind: 'credential', credential })],
  ['a person', () => ({ kind: 'person', person })],
]

describe.each(selections)('an export of %s', (name, select) => {
  it.each(['folder', 'archive'])('as %s verifies, is recorded, and holds no secret', async (form) => {
    const chosen = `${name} ${form}`
    const selection = select()
    const { path: made, recorded } = await make(chosen, selection, form === 'archive')
    const report = await verifyFolder(made, null)
    expect(report).toMatchObject({
      kind: selection === null ? 'whole' : 'part',
      integrity: { verdict: 'intact', problems: [] },
      export: { selection },
    })
    expect(report.export!.shown).toBeGreaterThan(5)
    if (selection !== null) expect(report.export!.shown).toBeLessThanOrEqual(report.size)
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])

    const dir = form === 'folder' ? made : path.join(root, `unpacked ${name}`)
    if (form === 'archive') {
      expect(statSync(made).mode & 0o777).toBe(0o600)
      mkdirSync(dir)
      spawnSync('tar', ['-xf', made, '-C', dir, '--strip-components=1'])
    }
    const log = selection === null ? ['log.jsonl'] : ['entries.jsonl', 'proofs.jsonl']
    const names = ['README.txt', 'checkpoints.txt', 'export.json', 'manifests.jsonl', 'report.csv', 'report.pdf', 'verify.html', 'verify.mjs'] // prettier-ignore
    expect(readdirSync(dir).sort()).toEqual([...names, ...log].sort())
    for (const file of readdirSync(dir)) expect(statSync(path.join(dir, file)).mode & 0o777).toBe(0o600)
    const entries = readFileSync(path.join(dir, log[0]!))
    expect(createHash('sha256').update(entries).digest('base64url')).toBe(recorded?.digest)

    // One record for each entry, whatever newlines stand in the cells.
    const table = readFileSync(path.join(dir, 'report.csv'), 'utf8')
    expect(table.startsWith('\uFEFFEntry,Time (UTC),Person,')).toBe(true)
    expect(table.match(/^\d+,2/gm)).toHaveLength(report.export!.shown)
    expect(readFileSync(path.join(dir, 'report.pdf')).subarray(0, 8).toString()).toBe('%PDF-1.7')

    // The verifier that came with it says the same, from an empty folder.
    const empty = path.join(root, `empty ${chosen}`)
    mkdirSync(empty)
    const { status, stdout } = spawnSync(process.execPath, [path.join(dir, 'verify.mjs'), made, '--json'], {
      cwd: empty,
      env: {},
    })
    expect(JSON.parse(stdout.toString())).toEqual(report)
    expect(status).toBe(0)

    const readme = readFileSync(path.join(dir, 'README.txt'), 'utf8')
    for (const file of ['verify.html', 'verify.mjs']) {
      const hash = createHash('sha256')
        .update(readFileSync(path.join(dir, file)))
        .digest('hex')
      expect(readme).toContain(`${hash}  ${file}`)
    }
    expect(readme).toContain(report.words.join(' '))
    unpackPdf(path.join(dir, 'report.pdf'))
    expect(searchFiles(path.join(root, form === 'folder' ? chosen : `unpacked ${name}`), secrets)).toEqual([])
  })
})

describe('an export', () => {
  it('of what nobody ever named is refused, and nothing is left', async () => {
    const unknown = 'A'.repeat(22)
    const asked = make('unknown', { kind: 'credential', credential: unknown }, false)
    await expect(asked).rejects.toMatchObject({ code: 'CREDENTIAL_UNKNOWN' })
    await expect(make('unknown', { kind: 'person', person: unknown }, true)).rejects.toMatchObject({
      code: 'PERSON_UNKNOWN',
    })
    expect(existsSync(path.join(root, 'unknown'))).toBe(false)
    expect((await readEntries()).filter(({ type }) => type === 'export.made')).toHaveLength(8)
  })

  it('of a time in which nothing happened shows just that', async () => {
    const quiet: Selection = { kind: 'period', from: '2001-01-01T00:00:00.000Z', to: '2001-01-02T00:00:00.000Z' }
    const { path: made } = await make('quiet', quiet, false, null)
    expect((await verifyFolder(made, null)).export).toMatchObject({ selected: 0 })
  })

  it('that fails half-way says why and leaves nothing, neither folder nor file', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    // The last thing that is written before the description.
    const kit = { ...createExportKit(program.dir), verifiers: () => Promise.reject(full) }
    const { prepareExport } = await import('../../../electron/vault/export/write-export.ts')
    const { openStore } = await import('../../../electron/vault/store/store.ts')
    const { loadSodium, randomBytes } = await import('../../../electron/platform/sodium.ts')
    const { nodePrimitives } = await import('../../../electron/platform/primitives.ts')
    await loadSodium()
    const store = await openStore({ dir: place.dir, randomBytes })
    const genesis = { vault: 'v', vaultName: 'V', station: 's', stationName: 'S' }
    const context = { store, clock: createHandClock(), primitives: nodePrimitives, log: { genesis } } as never
    const head = { size: before.length, root: 'r'.repeat(43) }
    for (const archive of [false, true]) {
      const chosen = path.join(root, 'full')
      const failing = prepareExport(context, [], head, { selection: null, archive, chosen }, kit, null)
      await expect(failing).rejects.toMatchObject({ code: 'EXPORT_FAILED', detail: { reason: 'ENOSPC' } })
      expect(existsSync(chosen)).toBe(false)
    }
    await store.close()
  })
})

describe('halligan export', () => {
  async function run(...argv: string[]) {
    let out = ''
    let err = ''
    const output = { write: (text: string) => (out += text), writeError: (text: string) => (err += text) }
    const code = await runCommandLine(['export', '--vault', place.dir, ...argv], output, program.dir)
    return { code, out, err }
  }

  it('takes a period, a credential, a person, and makes one file', async () => {
    const to = path.join(root, 'cli')
    for (const flags of [
      ['--from', '2026-01-01'],
      ['--from', '2020-01-01', '--to-time', '2099-12-31T23:59Z'],
      ['--credential', credential],
      ['--person', person],
    ]) {
      const { code, out } = await run('--to', to, '--archive', ...flags)
      expect(code, out).toBe(0)
      const file = /^Exported to (.*\.tar)$/m.exec(out)?.[1] ?? ''
      expect((await verifyFolder(file, null)).integrity.verdict).toBe('intact')
    }
    expect(readdirSync(to).every((name) => name.endsWith('.tar'))).toBe(true)
  })

  it.each([
    [['--from', 'yesterday'], '2026-11-23'],
    [['--from', '2026-11-31T25:00Z'], '2026-11-23'],
    [['--from', '2027-01-01', '--to-time', '2026-01-01'], 'later'],
    [['--credential', 'root'], '22 characters'],
    [['--person', 'Ada'], '22 characters'],
    [['--person', 'A'.repeat(22), '--from', '2026-01-01'], 'exclude'],
  ])('refuses %j', async (flags, why) => {
    const { code, err } = await run('--to', path.join(root, 'refused'), ...flags)
    expect(err).toContain(why)
    expect(code).toBe(2)
    expect(existsSync(path.join(root, 'refused'))).toBe(false)
  })
})

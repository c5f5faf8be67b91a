/** The command line against a real vault, while the app has it open and after; and against what it must not believe. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../electron/cli/run.ts'
import { createStatusLedger } from '../../../electron/cli/status-ledger.ts'
import { defaultVaultDir } from '../../../electron/cli/vault-folder.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { exportFiles, vaultDatabaseFile } from '../../../shared/audit/export.ts'
import { verifyReportSchema } from '../../../shared/audit/report.ts'
import {
  firstKey,
  openRequest,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
} from '../../support/vault-journey.ts'
import { findKnown } from '../../support/vault-place.ts'
import { makeWorkplace, starters, type Workplace } from '../system/starters.ts'

const secret = 'correct-horse-7731'

let place: Workplace
let journey: JourneyApp
let closed = false

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...argv: string[]): Promise<Ran> {
  let out = ''
  let err = ''
  const code = await runCommandLine(argv, { write: (text) => (out += text), writeError: (text) => (err += text) })
  expect(out + err).not.toContain(secret)
  return { code, out, err }
}

const closeApp = async (): Promise<void> => {
  if (!closed) await journey.app.close()
  closed = true
}

/** A copy of the closed vault that a test may damage. */
async function copyVault(name: string, sql: string): Promise<string> {
  const dir = path.join(path.dirname(place.dir), name)
  mkdirSync(dir, { mode: 0o700 })
  for (const suffix of ['', '-wal']) {
    const file = path.join(place.dir, vaultDatabaseFile + suffix)
    if (existsSync(file)) copyFileSync(file, path.join(dir, vaultDatabaseFile + suffix))
  }
  const database = await openDatabase(path.join(dir, vaultDatabaseFile), 'write')
  await database.execute(sql)
  await database.close()
  return dir
}

beforeAll(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  const vault = await setUpVault(journey, { n: 3, k: 2 })
  const credential = await sealCredential(journey, vault, [textField('Password', secret)])
  await openRequest(journey, vault.requester, credential)
  const reveal = revealPage(journey)
  for (const person of [vault.requester, ...vault.custodians.slice(0, 2)]) {
    journey.tap.touch({ key: firstKey(person) })
    await journey.tap.feedback()
  }
  const page = await reveal
  await page.begin({})
  await page.show({ field: 0 })
  await page.hideNow({})
  await journey.app.until((state) => state.operation === null)
})

afterAll(async () => {
  await closeApp()
  place.remove()
})

describe('while the app has the vault open', () => {
  it('verifies it', async () => {
    const { code, out } = await run('verify', place.dir)
    expect(out).toMatch(/^Integrity: {4}INTACT\. All \d+ entries are as written\.\nCompleteness: CANNOT BE JUDGED/)
    expect(code).toBe(0)
  })

  it('says what is due', async () => {
    const { code, out } = await run('status', '--vault', place.dir)
    expect(out).toMatch(/1 credentials, 1 to rotate, 1 uses to classify\./)
    expect(code).toBe(4)
    const parsed = JSON.parse((await run('status', '--vault', place.dir, '--json')).out) as Record<string, unknown>
    expect(parsed).toMatchObject({ credentials: [{ rotation: 'used' }], owed: [{}] })
    expect(parsed['due']).toMatchObject([
      { kind: 'rotate', why: 'used', isDue: true },
      { kind: 'classify', why: 'used', isDue: true },
      { kind: 'drill-person', why: 'never', isDue: true },
      { kind: 'drill-safe', why: 'never', isDue: true },
      // The two who approved the request have shown that their keys open what they hold.
      { kind: 'drill-person', why: 'interval', isDue: false },
    ])
    expect(out).toContain('Custodian 3 has not tested a key yet.\nThe safe "Safe one" has not passed a drill yet.')
  })

  it('does not export beside the app', async () => {
    const { code, err } = await run('export', '--vault', place.dir, '--to', place.exportDir)
    expect(err).toContain('[VAULT_LOCKED_BY_OTHER]')
    expect(code).toBe(2)
    expect(existsSync(place.exportDir)).toBe(false)
  })
})

describe('when the app is closed', () => {
  beforeAll(closeApp)

  it('is complete by what the station knew', async () => {
    const { code, out } = await run(
      'verify',
      place.dir,
      '--known-checkpoint',
      findKnown({ known: place.knownCheckpointFile }),
    )
    expect(out).toMatch(/Completeness: COMPLETE\. Up to the known checkpoint of \d+ entries\./)
    expect(code).toBe(0)
  })

  it('exports, and the export verifies on its own', async () => {
    const exported = await run('export', '--vault', place.dir, '--to', place.exportDir)
    expect(exported).toMatchObject({ code: 0, err: '' })
    for (const name of readdirSync(place.exportDir)) {
      const text = readFileSync(path.join(place.exportDir, name), 'utf8')
      expect(text.length).toBeGreaterThan(0)
      expect(text).not.toContain(secret)
    }
    const known = ['--known-checkpoint', findKnown({ known: place.knownCheckpointFile })]
    expect((await run('verify', place.exportDir, ...known)).code).toBe(0)
    // An earlier export's checkpoints, as they are, serve as what is known.
    const earlier = ['--known-checkpoint', path.join(place.exportDir, exportFiles.checkpoints)]
    expect((await run('verify', place.dir, ...earlier)).out).toContain('Completeness: COMPLETE')
    const report = verifyReportSchema.parse(JSON.parse((await run('verify', place.exportDir, '--json')).out))
    expect(report.integrity).toMatchObject({ verdict: 'intact', trustworthy: report.size })
    // The vault went on: a new start, the export, the end. All of it holds.
    const after = verifyReportSchema.parse(JSON.parse((await run('verify', place.dir, '--json')).out))
    expect(after.size).toBeGreaterThan(report.size)
    expect(after.integrity.verdict).toBe('intact')
    expect(after.checked.records).toBe(1)
  })

  it('tells an older copy from a later checkpoint', async () => {
    const known = path.join(place.exportDir, 'later')
    const database = await openDatabase(path.join(place.dir, vaultDatabaseFile), 'read')
    const row = await database.get('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1')
    await database.close()
    writeFileSync(known, String(row?.['note']))
    const { code, out } = await run('verify', place.exportDir, '--known-checkpoint', known)
    expect(out).toContain('Integrity:    INTACT')
    expect(out).toContain('Completeness: INCOMPLETE')
    expect(out).toContain('[known-checkpoint-ahead]')
    expect(code).toBe(3)
    writeFileSync(known, 'nonsense')
    expect((await run('verify', place.exportDir, '--known-checkpoint', known)).code).toBe(3)
    rmSync(known)
  })

  it('finds what was changed in the database, and names it', async () => {
    const share = await copyVault('share', `UPDATE shares SET box = zeroblob(length(box)) WHERE idx = 2`)
    const damaged = await run('verify', share)
    expect(damaged.out).toMatch(/share 2 of credential .* Custodian 2's, is damaged/)
    expect(damaged.code).toBe(1)
    const edited = await copyVault(
      'edited',
      `UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Test vault', 'Best vault') AS BLOB) WHERE seq = 0`,
    )
    const { out, code } = await run('verify', edited)
    expect(out).toMatch(/^Integrity: {4}BROKEN\. /)
    expect(code).toBe(1)
    const cut = await copyVault('cut', 'DELETE FROM checkpoints; DELETE FROM entries WHERE seq > 20')
    expect((await run('verify', cut)).out).toContain('[checkpoint-missing]')
    const record = await copyVault('record', 'DELETE FROM shares; DELETE FROM records')
    expect((await run('verify', record)).out).toContain('[record-damaged]')
  })

  it('finds what was changed in an export', async () => {
    const dir = path.join(path.dirname(place.dir), 'forged')
    cpSync(place.exportDir, dir, { recursive: true })
    const file = path.join(dir, exportFiles.log)
    writeFileSync(file, readFileSync(file, 'utf8').replace('Custodian 2', 'Custodian 9'))
    const { code, out } = await run('verify', dir)
    expect(out).toMatch(/Entry \d+ was changed after it was written .*\[entry-chain-broken\]/)
    expect(code).toBe(1)
    // A file that is not there is named for what is missing in it; without any entry there is nothing to verify.
    rmSync(path.join(dir, exportFiles.manifests))
    expect((await run('verify', dir)).out).toContain('[manifest-not-in-log]')
    rmSync(path.join(dir, exportFiles.log))
    expect(await run('verify', dir)).toMatchObject({ code: 2, out: '' })
  })
})

describe('usage', () => {
  it('fails plainly on what is not there', async () => {
    const nothing = path.join(path.dirname(place.dir), 'nothing')
    for (const argv of [
      ['verify', nothing],
      ['verify', place.dir, '--known-checkpoint', nothing],
      ['status', '--vault', nothing],
      ['export', '--vault', nothing, '--to', nothing],
    ]) {
      const { code, err, out } = await run(...argv)
      expect(err).toContain('[VAULT_MISSING]')
      expect({ code, out }).toEqual({ code: 2, out: '' })
    }
    expect(existsSync(nothing)).toBe(false)
  })

  it('fails plainly on wrong arguments, and helps', async () => {
    for (const argv of [['verify'], ['verify', 'a', '--nonsense'], ['nonsense'], ['export']]) {
      expect((await run(...argv)).code, argv.join(' ')).toBe(2)
    }
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('verify') as unknown })
    expect(await run('--version')).toMatchObject({ code: 0, out: '0.0.0+test\n' })
  })

  it('knows where the app keeps its vault', () => {
    expect(defaultVaultDir('linux', {}, '/home/a')).toBe('/home/a/.config/Halligan/vault')
    expect(defaultVaultDir('linux', { XDG_CONFIG_HOME: '/x' }, '/home/a')).toBe('/x/Halligan/vault')
    expect(defaultVaultDir('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/Halligan/vault')
    expect(defaultVaultDir('win32', { APPDATA: 'C:\\a' }, 'C:\\b')).toBe('C:\\a\\Halligan\\vault')
  })
})

describe('the status ledger', () => {
  it('is due after the interval, and when the interval is not known', () => {
    const ledger = createStatusLedger()
    const sealed = {
      type: 'credential.sealed',
      at: '2026-01-01T00:00:00.000Z',
      data: { credential: 'c', name: 'n', version: 1 },
    }
    ledger.add(sealed as never)
    const at = (days: number): number => Date.parse(sealed.at) + days * 86_400_000
    const report = (day: number, days: number | undefined) =>
      ledger.report({ wallMs: at(day), rotationDays: () => days, manifests: [] })
    expect(report(89, 90)).toMatchObject({ credentials: [{ rotation: 'fresh' }], due: [{ isDue: false }] })
    expect(report(90, 90)).toMatchObject({ credentials: [{ rotation: 'due' }], due: [{ isDue: true }] })
    expect(report(1, undefined)).toMatchObject({ credentials: [{ rotation: 'due' }] })
    const gone = { type: 'credential.resealed', at: sealed.at, data: { credential: 'c', version: 1, leavers: ['x'] } }
    ledger.add(gone as never)
    expect(report(1, 90)).toMatchObject({ credentials: [{ rotation: 'leaver' }], due: [{ why: 'leaver' }] })
  })

  it('counts the use of an older version until that is destroyed, or another is sealed', () => {
    const at = '2026-01-01T00:00:00.000Z'
    const ledger = createStatusLedger()
    const add = (type: string, data: object): void => {
      ledger.add({ type, at, data: { credential: 'c', name: 'n', ...data } } as never)
    }
    const rotation = (): string | undefined =>
      ledger.report({ wallMs: Date.parse(at), rotationDays: () => 90, manifests: [] }).credentials[0]?.rotation
    add('credential.sealed', { version: 1 })
    add('credential.sealed', { version: 2 })
    expect(rotation()).toBe('fresh')
    add('request.granted', { request: 'r', version: 1 })
    expect(rotation()).toBe('used')
    add('credential.destroyed', { version: 1 })
    expect(rotation()).toBe('fresh')
    add('request.granted', { request: 's', version: 2 })
    expect(rotation()).toBe('used')
    add('credential.sealed', { version: 3 })
    expect(rotation()).toBe('fresh')
  })
})

/** A vault at rest, its database changed with SQL: each change is found, with the verdict that fits, and nothing honest is accused. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../electron/cli/run.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { openDatabase, type Database } from '../../../electron/vault/store/driver.ts'
import { parseCheckpoint, signCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { vaultDatabaseFile } from '../../../shared/audit/export.ts'
import { verifyReportSchema, type Problem, type VerifyReport } from '../../../shared/audit/report.ts'
import { sealCredential, setUpVault, startJourney, textField } from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from '../system/starters.ts'
import { stranger } from './tampering.ts'

let place: Workplace
let made = 0
/** The vault as it was before its second start, and its newest checkpoint after it. */
let older: string
let newest: string

const run = async (...argv: string[]): Promise<string> => {
  let out = ''
  await runCommandLine(argv, { write: (text) => (out += text), writeError: (text) => (out += text) })
  return out
}

/** A copy of a closed vault that a test may change. */
async function copyVault(from: string, change: (database: Database) => Promise<unknown>): Promise<string> {
  const dir = path.join(path.dirname(place.dir), `copy-${String(made++)}`)
  mkdirSync(dir, { mode: 0o700 })
  for (const suffix of ['', '-wal']) {
    const file = path.join(from, vaultDatabaseFile + suffix)
    if (existsSync(file)) copyFileSync(file, path.join(dir, vaultDatabaseFile + suffix))
  }
  const database = await openDatabase(path.join(dir, vaultDatabaseFile), 'write')
  await change(database)
  await database.close()
  return dir
}

async function verify(dir: string, known: string | null = null): Promise<VerifyReport> {
  const file = path.join(path.dirname(place.dir), `known-${String(made++)}`)
  if (known !== null) writeFileSync(file, known)
  const out = await run('verify', dir, '--json', ...(known === null ? [] : ['--known-checkpoint', file]))
  return verifyReportSchema.parse(JSON.parse(out))
}

async function lastNote(dir: string): Promise<string> {
  const database = await openDatabase(path.join(dir, vaultDatabaseFile), 'read')
  const row = await database.get('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1')
  await database.close()
  return String(row?.['note'])
}

beforeAll(async () => {
  place = makeWorkplace()
  const journey = await startJourney(starters(place))
  const vault = await setUpVault(journey, { n: 3, k: 2 })
  await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
  await journey.app.close()
  older = await copyVault(place.dir, () => Promise.resolve())
  // A second start: the ratchet turns.
  await run('export', '--vault', place.dir, '--to', place.exportDir)
  newest = await lastNote(place.dir)
})

afterAll(() => {
  place.remove()
})

const entry = (type: string): string => `(SELECT MIN(seq) FROM entries WHERE type = '${type}')`
const editAt = `bytes = CAST(replace(CAST(bytes AS TEXT), '"at":"20', '"at":"21') AS BLOB)`

type Case = readonly [name: string, sql: string, code: Problem['code']]
const cases: readonly Case[] = [
  ['an entry edited', `UPDATE entries SET ${editAt} WHERE seq = 4`, 'entry-chain-broken'],
  [
    'the last entry edited',
    `UPDATE entries SET ${editAt} WHERE seq = (SELECT MAX(seq) FROM entries)`,
    'checkpoint-root-mismatch',
  ],
  ['an entry deleted', 'DELETE FROM entries WHERE seq = 5', 'entry-out-of-order'],
  ['the last entry deleted', 'DELETE FROM entries WHERE seq = (SELECT MAX(seq) FROM entries)', 'checkpoint-beyond-log'],
  [
    'an entry inserted at the end',
    `INSERT INTO entries SELECT seq + 1, bytes, type, at, person, credential, words FROM entries ORDER BY seq DESC LIMIT 1`,
    'entry-out-of-order',
  ],
  [
    'two entries swapped',
    `CREATE TEMP TABLE two AS SELECT seq, bytes FROM entries WHERE seq IN (4, 5);
    UPDATE entries SET bytes = (SELECT bytes FROM two WHERE two.seq = 9 - entries.seq) WHERE seq IN (4, 5)`,
    'entry-out-of-order',
  ],
  [
    'the end cut off with its checkpoints',
    `DELETE FROM entries WHERE seq >= ${entry('credential.sealed')};
    DELETE FROM checkpoints WHERE size > (SELECT COUNT(*) FROM entries)`,
    'record-not-in-log',
  ],
  ['checkpoints taken away', 'DELETE FROM checkpoints', 'checkpoint-missing'],
  [
    'the newest checkpoint taken away',
    'DELETE FROM checkpoints WHERE size = (SELECT MAX(size) FROM checkpoints)',
    'checkpoint-missing',
  ],
  ['the ratchet taken out', `DELETE FROM entries WHERE type = 'log.key-rotated'`, 'entry-out-of-order'],
  ['a manifest taken away', 'DELETE FROM manifests', 'manifest-not-in-log'],
  [
    'a manifest changed',
    `UPDATE manifests SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Custodian 2', 'Custodian 9') AS BLOB)`,
    'manifest-signature-invalid',
  ],
  [
    'signatures of a manifest taken away',
    `UPDATE manifests SET signatures = CAST('[]' AS BLOB)`,
    'manifest-quorum-missing',
  ],
  ['a record taken away', 'DELETE FROM shares; DELETE FROM records', 'record-damaged'],
  ['a record changed', 'UPDATE records SET body = zeroblob(length(body))', 'record-damaged'],
  ['a share changed', 'UPDATE shares SET box = zeroblob(length(box)) WHERE idx = 2', 'share-damaged'],
  ['a share taken away', 'DELETE FROM shares WHERE idx = 1', 'share-damaged'],
  [
    'an entry listed under another type',
    `UPDATE entries SET type = 'app.opened' WHERE type = 'credential.sealed'`,
    'index-mismatch',
  ],
  [
    'an entry listed under nobody',
    `UPDATE entries SET person = NULL WHERE type = 'credential.sealed'`,
    'index-mismatch',
  ],
  ['an entry that search does not find', `UPDATE entries SET words = '' WHERE seq = 0`, 'index-mismatch'],
]

describe('a vault at rest', () => {
  it('is intact, and complete up to its newest checkpoint', async () => {
    const report = await verify(place.dir, newest)
    expect(report.integrity.problems).toEqual([])
    expect(report.completeness.verdict).toBe('complete')
  })

  it.each(cases)('%s', async (_name, sql, code) => {
    const { integrity } = await verify(await copyVault(place.dir, (database) => database.execute(sql)))
    expect(integrity.verdict).toBe('broken')
    expect(integrity.problems.map((problem) => problem.code)).toContain(code)
  })

  it('a checkpoint re-signed with a fresh key', async () => {
    const head = parseCheckpoint(newest)
    expect(head).not.toBeNull()
    if (head === null) return
    const key = stranger()
    const note = signCheckpoint(nodePrimitives, head, key.publicKey, key.sign)
    const forged = await copyVault(place.dir, (database) =>
      database.run('UPDATE checkpoints SET note = ? WHERE size = ?', note, head.size),
    )
    const { integrity } = await verify(forged)
    expect(integrity.problems.map(({ code }) => code)).toEqual(['checkpoint-signature-invalid'])
    expect(integrity.trustworthy).toBeLessThan(head.size)
  })

  it('an old copy played back is intact, and incomplete against what is known', async () => {
    const report = await verify(older, newest)
    expect(report.integrity.verdict).toBe('intact')
    expect(report.completeness).toMatchObject({ verdict: 'incomplete', problems: [{ code: 'known-checkpoint-ahead' }] })
  })

  it('a fork of the same old copy is intact, and incomplete against the other one', async () => {
    const fork = await copyVault(older, () => Promise.resolve())
    await run('export', '--vault', fork, '--to', path.join(path.dirname(place.dir), 'fork-export'))
    const report = await verify(fork, newest)
    expect(report.integrity.verdict).toBe('intact')
    expect(report.completeness).toMatchObject({
      verdict: 'incomplete',
      problems: [{ code: 'known-checkpoint-mismatch' }],
    })
  })

  it('words known from elsewhere tell the same, as far as words can', async () => {
    const { words, size } = await verify(place.dir)
    const known = (said: readonly string[], of: number): string[] => [
      '--known-words',
      said.join(' '),
      '--known-size',
      String(of),
    ]
    expect(await run('verify', place.dir, ...known(words, size))).toContain('Completeness: COMPLETE')
    expect(await run('verify', place.dir, ...known([...words].reverse(), size))).toContain('[known-words-mismatch]')
    expect(await run('verify', older, ...known(words, size))).toContain('[known-checkpoint-ahead]')
    expect(await run('verify', place.dir, '--known-words', words.join(' '))).toContain('--known-size')
  })
})

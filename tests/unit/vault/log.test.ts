import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { continueLog, createLog } from '../../../electron/vault/audit/begin-boot.ts'
import type { AuditLog, LogMeans } from '../../../electron/vault/audit/log.ts'
import { loadGenesis } from '../../../electron/vault/audit/tip.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { findEntries, readTimeline } from '../../../electron/vault/audit/timeline.ts'
import { verifyVault } from '../../../electron/vault/audit/verify-vault.ts'
import { openStore, type Store } from '../../../electron/vault/store/store.ts'
import { parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import type { Entry, NewEntry } from '../../../shared/audit/entry.ts'
import { createHandClock, makePlace, type HandClock, type Place } from '../../support/vault-place.ts'
import { newId } from '../../support/vault-world.ts'

const sodium = await loadSodium()
let place: Place
let clock: HandClock
let store: Store
let log: AuditLog
let notes: string[]

const meansOf = (open: Store): LogMeans => ({
  store: open,
  clock,
  primitives: nodePrimitives,
  sodium,
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  credentialOfRequest: () => undefined,
  withEntries: () => Promise.resolve(),
  onCommitted: (_, note) => notes.push(note),
})
const openHere = (): Promise<Store> => openStore({ dir: place.dir, randomBytes: (length) => new Uint8Array(length) })
const station = { kind: 'station' } as const
const opened = (version: string): NewEntry => ({ type: 'app.opened', actor: station, data: { version } })
const versionOf = (entry: Entry | undefined): string | undefined =>
  entry?.type === 'app.opened' ? entry.data.version : undefined

async function restart(rest: readonly NewEntry[] = [opened('again')]): Promise<void> {
  await log.close()
  await store.close()
  store = await openHere()
  const genesis = await loadGenesis(store.database)
  log = await continueLog(meansOf(store), genesis!, rest)
}

beforeEach(async () => {
  place = makePlace()
  clock = createHandClock()
  notes = []
  store = await openHere()
  log = await createLog(meansOf(store), { vault: 'V', station: 'S' }, [opened('first')])
})
afterEach(async () => {
  await log.close()
  await store.close()
  place.remove()
})

const verify = () =>
  verifyVault(store, nodePrimitives, { knownCheckpoint: null, onProgress: () => undefined, isStopped: () => false })
const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const entries = async (): Promise<Entry[]> =>
  (await readTimeline(store.database, { before: null, limit: 200, filter: nobody })).entries.toReversed()
const checkpointSizes = async (): Promise<unknown[]> =>
  (await store.database.all('SELECT size FROM checkpoints ORDER BY size')).map(({ size }) => size)

describe('appending', () => {
  it('puts what comes together into one commit, in the order it came', async () => {
    const before = notes.length
    const written = await Promise.all(Array.from({ length: 50 }, (_, index) => log.append([opened(`n${index}`)])))
    expect(notes.length - before).toBe(1)
    expect(written.map(([entry]) => versionOf(entry))).toEqual(Array.from({ length: 50 }, (_, index) => `n${index}`))
    expect(written.map(([entry]) => entry?.seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 2))
    expect((await verify())?.integrity).toMatchObject({ verdict: 'intact', problems: [], trustworthy: 52 })
  })

  it('fails one whose own work fails, and none of the others', async () => {
    const fail = log.append([opened('bad')], () => Promise.reject(new Error('mine')))
    const [one, two] = [log.append([opened('one')]), log.append([opened('two')])]
    await expect(fail).rejects.toThrow('mine')
    expect([versionOf((await one)[0]), versionOf((await two)[0])]).toEqual(['one', 'two'])
    expect((await entries()).map(versionOf)).not.toContain('bad')
    expect((await verify())?.integrity.problems).toEqual([])
  })

  it('shares the transaction: both durable or neither', async () => {
    await store.database.execute('CREATE TABLE beside (a INTEGER)')
    await log.append([opened('with')], async (statements) => {
      await statements.run('INSERT INTO beside VALUES (1)')
    })
    await expect(
      log.append([opened('without')], async (statements) => {
        await statements.run('INSERT INTO beside VALUES (2)')
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await store.database.all('SELECT a FROM beside')).toEqual([{ a: 1 }])
    expect((await entries()).map(versionOf)).not.toContain('without')
  })

  it('refuses an entry that its own verifier would not read', async () => {
    const bad = { type: 'app.opened', actor: station, data: { version: '' } } as const
    await expect(log.append([bad])).rejects.toMatchObject({ code: 'INTERNAL' })
    const sizeBefore = log.head().size
    await log.append([opened('good')])
    expect(log.head().size).toBe(sizeBefore + 1)
  })

  it('stops when somebody else has written to the log', async () => {
    await store.database.run('UPDATE log_state SET size = size + 1')
    await expect(log.append([opened('x')])).rejects.toMatchObject({ code: 'VAULT_DAMAGED' })
  })

  it('says when the wall clock was moved, by how much, and not when time just passed', async () => {
    clock.pass(86_400_000)
    await log.append([opened('later')])
    expect((await entries()).map(({ type }) => type)).not.toContain('clock.jumped')
    clock.jumpWall(-3_600_000)
    await log.append([opened('back')])
    clock.jumpMonotonic(7000)
    await log.append([opened('slept')])
    clock.jumpWall(4999)
    await log.append([opened('drift')])
    const jumps = (await entries()).flatMap((entry) => (entry.type === 'clock.jumped' ? [entry.data.byMs] : []))
    expect(jumps).toEqual([-3_600_000, -7000])
    expect((await verify())?.integrity.problems).toEqual([])
  })

  it('keeps the last checkpoint, every 1024th, and the ones of boots; replaces the others', async () => {
    for (let round = 0; round < 3; round++) await log.append([opened(`r${round}`)])
    expect(await checkpointSizes()).toEqual([2, 5])
    await Promise.all(Array.from({ length: 1030 }, () => log.append([opened('many')])))
    await log.append([opened('more')])
    expect(await checkpointSizes()).toEqual([2, 1035, 1036])
    await restart()
    await log.append([opened('after')])
    expect(await checkpointSizes()).toEqual([2, 1035, 1036, 1038, 1039])
    expect(parseCheckpoint(notes.at(-1) ?? '')?.size).toBe(1039)
    expect((await verify())?.integrity).toMatchObject({ problems: [], trustworthy: 1039 })
  })

  it('holds for any sequence of appends, jumps and restarts', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), n: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('jump' as const), n: fc.integer({ min: -20_000, max: 20_000 }) }),
      fc.record({ do: fc.constant('restart' as const), n: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        for (const { do: what, n } of steps) {
          if (what === 'jump') clock.jumpWall(n)
          else if (what === 'restart') await restart()
          else await Promise.all(Array.from({ length: n }, (_, index) => log.append([opened(`p${index}`)])))
        }
        const report = await verify()
        expect(report?.integrity.problems).toEqual([])
        expect(report).toMatchObject({ size: log.head().size, root: log.head().root })
      }),
      { numRuns: 12 },
    )
  })
})

describe('the station key', () => {
  const secretAtRest = async (): Promise<Buffer> => {
    const secret = (await store.database.get('SELECT secret FROM station_key'))?.['secret']
    if (!(secret instanceof Uint8Array)) throw new Error('no key')
    return Buffer.from(secret)
  }

  it('is another one after every start, signed in by the one before, which is gone from every file', async () => {
    const old = await secretAtRest()
    await restart()
    const [rotated, next] = (await entries()).slice(-2)
    expect(rotated).toMatchObject({ type: 'log.key-rotated', seq: 2 })
    expect(next?.boot).toBe(rotated?.boot)
    const files = ['vault.sqlite3', 'vault.sqlite3-wal'].map((name) => readFileSync(path.join(place.dir, name)))
    // libsodium's secret is seed and public key; the seed is what signs.
    expect(files.some((bytes) => bytes.includes(old.subarray(0, 32)))).toBe(false)
    const current = await secretAtRest()
    expect(current.equals(old)).toBe(false)
    expect((await verify())?.integrity.problems).toEqual([])
  })

  it('makes every boot begin with its rotation', async () => {
    await restart()
    await restart()
    const all = await entries()
    const firsts = all.filter(({ boot }, index) => boot !== all[index - 1]?.boot)
    expect(firsts.map(({ type }) => type)).toEqual(['vault.created', 'log.key-rotated', 'log.key-rotated'])
  })

  it.each([
    [
      'the last entry',
      "UPDATE entries SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'first', 'forge') AS BLOB) WHERE seq = 1",
    ],
    ['the tree', `UPDATE log_state SET frontier = CAST('["${'A'.repeat(43)}"]' AS BLOB)`],
    ['the size', 'UPDATE log_state SET size = size + 1'],
    ['the checkpoint', 'DELETE FROM checkpoints'],
    ['the public key', `UPDATE station_key SET public = x'${'00'.repeat(32)}'`],
    ['the secret key', `UPDATE station_key SET secret = x'00'`],
    ['the seed in the secret key', `UPDATE station_key SET secret = x'${'11'.repeat(64)}'`],
    ['the end of the log', 'DELETE FROM entries WHERE seq = 1'],
  ])('signs nothing on top of an end where %s was changed', async (_, sql) => {
    await log.close()
    await store.database.execute(sql)
    const genesis = await loadGenesis(store.database)
    await expect(continueLog(meansOf(store), genesis!, [])).rejects.toMatchObject({ code: 'LOG_INVALID' })
    expect((await store.database.get('SELECT COUNT(*) AS n FROM entries WHERE seq > 1'))?.['n']).toBe(0)
  })
})

describe('the timeline', () => {
  const ann = { kind: 'person', id: newId(), name: 'Änn Über', proven: true } as const
  const credential = newId()
  const request = newId()
  beforeEach(async () => {
    await log.append([
      { type: 'field.shown', actor: ann, data: { request, credential, field: 0, label: '100%_sure' } },
      { type: 'field.copied', actor: ann, data: { request, credential: newId(), field: 0, label: 'Pass' } },
      { type: 'window.closed', actor: station, data: { request, reason: 'screen-locked', openedMs: 1 } },
    ])
  })
  const page = (
    filter: Partial<Input<typeof appContract, 'timeline.find'>['filter']>,
    limit = 10,
    before: number | null = null,
  ) => readTimeline(store.database, { before, limit, filter: { ...nobody, ...filter } })
  const seqs = async (filter: object): Promise<number[]> => (await page(filter)).entries.map(({ seq }) => seq)

  it('comes newest first, page by page, and says when there is more', async () => {
    expect(await page({}, 2)).toMatchObject({ entries: [{ seq: 4 }, { seq: 3 }], more: true })
    expect(await page({}, 2, 3)).toMatchObject({ entries: [{ seq: 2 }, { seq: 1 }], more: true })
    expect(await page({}, 2, 1)).toMatchObject({ entries: [{ seq: 0 }], more: false })
  })

  it('is filtered by type, person, credential and words', async () => {
    expect(await seqs({ types: ['field.shown', 'vault.created'] })).toEqual([2, 0])
    expect(await seqs({ person: ann.id })).toEqual([3, 2])
    expect(await seqs({ credential })).toEqual([2])
    expect(await seqs({ text: 'SCREEN-locked' })).toEqual([4])
    expect(await seqs({ text: 'änn ü' })).toEqual([3, 2])
    expect(await seqs({ text: '%_s' })).toEqual([2])
    expect(await seqs({ text: '100__sure' })).toEqual([])
    expect(await seqs({ text: "'; DROP TABLE entries; --" })).toEqual([])
    expect(await seqs({ text: 'pass', person: ann.id, types: ['field.copied'] })).toEqual([3])
  })

  it('is found as a list of numbers, whatever the filter', async () => {
    const find = async (filter: object): Promise<{ size: number; seqs: number[] | null }> => {
      const { size, seqs } = await findEntries(store.database, { filter: { ...nobody, ...filter } })
      return { size, seqs: seqs === null ? null : [...seqs] }
    }
    expect(await find({})).toEqual({ size: 5, seqs: null })
    expect(await find({ person: ann.id })).toEqual({ size: 5, seqs: [3, 2] })
    expect(await find({ text: 'nobody said this' })).toEqual({ size: 5, seqs: [] })
    const { entries } = await page({ types: ['field.copied'] })
    const at = entries[0]?.at ?? ''
    const since = (await find({ from: at })).seqs ?? []
    const until = (await find({ before: at })).seqs ?? []
    expect(since).toContain(3)
    expect(until).not.toContain(3)
    expect([...since, ...until].sort()).toEqual([0, 1, 2, 3, 4])
    expect(await seqs({ from: at })).toEqual(since)
  })
})

import { chmodSync, existsSync, linkSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { migrate } from '../../../electron/vault/store/schema.ts'
import { asStorageError } from '../../../electron/vault/store/storage-error.ts'
import { openStore, type Store } from '../../../electron/vault/store/store.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { makePlace, type Place } from '../../support/vault-place.ts'

let place: Place
const stores: Store[] = []
const open = async (): Promise<Store> => {
  const store = await openStore({ dir: place.dir, randomBytes: (length) => new Uint8Array(length).fill(7) })
  stores.push(store)
  return store
}

beforeEach(() => {
  place = makePlace()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => undefined)
  place.remove()
})

const modeOf = (file: string): number => statSync(file).mode & 0o777

describe('vault folder', () => {
  it('is made for its owner alone, every file in it too, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const store = await open()
      await store.database.execute('CREATE TABLE t (a)')
    } finally {
      process.umask(before)
    }
    expect(modeOf(place.dir)).toBe(0o700)
    for (const name of ['vault.sqlite3', 'vault.sqlite3-wal', 'vault.sqlite3-shm', 'lock.sqlite3', 'ballast']) {
      expect(modeOf(path.join(place.dir, name)), name).toBe(0o600)
    }
  })

  const refused = { code: 'VAULT_UNSAFE_PERMISSIONS' }
  it.each([0o750, 0o701, 0o777])('is refused with mode %o', async (mode) => {
    mkdirSync(place.dir)
    chmodSync(place.dir, mode)
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'open-to-others' } })
  })

  it.each(['vault.sqlite3', 'vault.sqlite3-wal', 'lock.sqlite3', 'ballast'])(
    'is refused with an open %s',
    async (name) => {
      mkdirSync(place.dir, { mode: 0o700 })
      writeFileSync(path.join(place.dir, name), '')
      chmodSync(path.join(place.dir, name), 0o644)
      await expect(open()).rejects.toMatchObject(refused)
    },
  )

  it('is refused when it, or a file in it, is a link, also a dangling or a hard one', async () => {
    const elsewhere = path.join(place.root, 'elsewhere')
    mkdirSync(elsewhere, { mode: 0o700 })
    symlinkSync(elsewhere, place.dir)
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'link' } })
    renameSync(elsewhere, `${elsewhere}-2`)
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'link' } })
    place.remove()
    place = makePlace()
    mkdirSync(place.dir, { mode: 0o700 })
    symlinkSync('/nowhere', place.file)
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'link' } })
    place.remove()
    place = makePlace()
    mkdirSync(place.dir, { mode: 0o700 })
    writeFileSync(path.join(place.root, 'other'), '', { mode: 0o600 })
    linkSync(path.join(place.root, 'other'), place.file)
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'link' } })
  })

  it('is refused when a folder stands where a file should', async () => {
    mkdirSync(place.file, { recursive: true, mode: 0o700 })
    await expect(open()).rejects.toMatchObject({ ...refused, detail: { why: 'kind' } })
  })

  it('has one writer, and readers beside it', async () => {
    const store = await open()
    await expect(open()).rejects.toMatchObject({ code: 'VAULT_LOCKED_BY_OTHER' })
    const reader = await openDatabase(place.file, 'read')
    expect(await reader.all('SELECT seq FROM entries')).toEqual([])
    await expect(reader.run('DELETE FROM entries')).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' })
    await reader.close()
    await store.close()
    await (await open()).close()
  })

  it('keeps a ballast of 4 MiB that is really there', async () => {
    await open()
    const { size, blocks } = statSync(path.join(place.dir, 'ballast'))
    expect(size).toBe(4 * 1_048_576)
    expect(blocks * 512).toBeGreaterThanOrEqual(size)
  })

  it('gives the ballast up for one transaction on a full disk, tells it, and no more', async () => {
    const store = await open()
    await store.database.execute('CREATE TABLE t (a INTEGER)')
    const told: number[] = []
    const work = async (fails: boolean, released: number): Promise<string> => {
      told.push(released)
      if (fails) throw new HalliganError('STORAGE_FULL')
      return 'written'
    }
    let tries = 0
    expect(await store.transactAtAnyCost((_, released) => work(tries++ === 0, released))).toBe('written')
    expect(told).toEqual([0, 4 * 1_048_576])
    expect(existsSync(path.join(place.dir, 'ballast'))).toBe(false)
    await expect(store.transactAtAnyCost((_, released) => work(true, released))).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    })
    expect(told).toEqual([0, 4 * 1_048_576, 0])
    await store.close()
    await open()
    expect(existsSync(path.join(place.dir, 'ballast'))).toBe(true)
  })
})

describe('migrations', () => {
  const steps = [
    'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);',
    'ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;',
    'CREATE TABLE b AS SELECT y * 10 AS z FROM a;',
  ]
  const database = () => openDatabase(path.join(place.root, 'm.sqlite3'), 'create')

  it.each([0, 1, 2, 3])('lead from version %i to the newest, and keep what was there', async (from) => {
    const old = await database()
    await migrate(old, steps.slice(0, from))
    await old.close()
    const now = await database()
    await migrate(now, steps)
    await migrate(now, steps)
    expect(await now.all('SELECT x, y, z FROM a, b')).toEqual([{ x: 1, y: 2, z: 20 }])
    expect(await now.get('PRAGMA user_version')).toEqual({ user_version: 3 })
    await now.close()
  })

  it('refuse a file that is newer than this program', async () => {
    const newer = await database()
    await migrate(newer, steps)
    await expect(migrate(newer, steps.slice(0, 2))).rejects.toMatchObject({
      code: 'VAULT_TOO_NEW',
      detail: { found: 3, known: 2 },
    })
    await newer.close()
  })

  it('leave a whole earlier version when a step fails in its middle', async () => {
    const one = await database()
    await migrate(one, steps.slice(0, 1))
    const broken = [steps[0]!, 'UPDATE a SET x = 99; CREATE TABLE c (x); SYNTAX ERROR;', steps[2]!]
    await expect(migrate(one, broken)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await one.all('SELECT * FROM a')).toEqual([{ x: 1 }])
    expect(await one.get('PRAGMA user_version')).toEqual({ user_version: 1 })
    await migrate(one, steps)
    await one.close()
  })

  it("refuse somebody else's database", async () => {
    const foreign = await database()
    await foreign.execute('PRAGMA user_version = 1; CREATE TABLE theirs (x)')
    await expect(migrate(foreign, steps)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' })
    await foreign.close()
  })

  it('are those of every version so far: 4', async () => {
    const store = await open()
    expect(await store.database.get('PRAGMA user_version')).toEqual({ user_version: 4 })
    expect(await store.database.get('PRAGMA application_id')).toEqual({ application_id: 0x484c474e })
  })
})

describe('driver', () => {
  it('keeps transactions apart from everything else on the connection', async () => {
    const { database } = await open()
    await database.execute('CREATE TABLE t (a INTEGER)')
    const failing = database.transaction(async (inside) => {
      await inside.run('INSERT INTO t VALUES (1)')
      await new Promise((resolve) => setTimeout(resolve, 20))
      throw new Error('stop')
    })
    const beside = database.run('INSERT INTO t VALUES (2)')
    const seen = database.all('SELECT a FROM t')
    await expect(failing).rejects.toThrow('stop')
    await beside
    expect(await seen).toEqual([{ a: 2 }])
  })

  it('is set to lose nothing that was committed, and to overwrite what was deleted', async () => {
    const { database } = await open()
    const pragma = async (name: string): Promise<unknown> => (await database.get(`PRAGMA ${name}`))?.[name]
    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('secure_delete')).toBe(1)
    expect(await pragma('foreign_keys')).toBe(1)
    expect(await pragma('trusted_schema')).toBe(0)
  })

  it('returns values as they were given', async () => {
    const { database } = await open()
    await database.execute('CREATE TABLE v (i INTEGER, s TEXT, b BLOB) STRICT')
    const row = fc.record({
      i: fc.maxSafeInteger(),
      // SQLite ends text at U+0000; none of ours holds one.
      s: fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      b: fc.uint8Array(),
    })
    await fc.assert(
      fc.asyncProperty(row, async ({ i, s, b }) => {
        await database.run('DELETE FROM v')
        await database.run('INSERT INTO v VALUES (?, ?, ?)', i, s, b)
        const read = await database.get('SELECT i, s, b FROM v')
        expect(read).toEqual({ i, s, b: Buffer.from(b) })
      }),
      { numRuns: 60 },
    )
  })

  it('names errors by stable codes and drops what they quote', async () => {
    const { database } = await open()
    await expect(database.run('SELECT * FROM nowhere')).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      detail: { reason: 'SQLITE_ERROR' },
    })
    const codes = { SQLITE_FULL: 'STORAGE_FULL', ENOSPC: 'STORAGE_FULL', SQLITE_READONLY: 'STORAGE_READ_ONLY', EROFS: 'STORAGE_READ_ONLY', SQLITE_BUSY: 'STORAGE_BUSY', SQLITE_CORRUPT: 'VAULT_DAMAGED', SQLITE_NOTADB: 'VAULT_DAMAGED', SQLITE_IOERR: 'STORAGE_FAILED' } // prettier-ignore
    for (const [reason, code] of Object.entries(codes)) {
      const error = asStorageError(Object.assign(new Error('quotes a secret'), { code: reason }))
      expect(error).toMatchObject({ code, detail: { reason } })
      expect(error.message).not.toContain('secret')
    }
  })

  it('says VAULT_DAMAGED of a file that is no database', async () => {
    mkdirSync(place.dir, { mode: 0o700 })
    writeFileSync(place.file, 'this is not a database, it is a text of some length', { mode: 0o600 })
    await expect(open()).rejects.toMatchObject({ code: 'VAULT_DAMAGED' })
  })
})

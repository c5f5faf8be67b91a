/** A vault's database as a source for the verifier, read-only: it works while the app is open (docs/format.md, section 7). */
import path from 'node:path'
import { vaultDatabaseFile } from '../../shared/audit/export.ts'
import type { StoredRecord } from '../../shared/audit/records.ts'
import type { LogSource } from '../../shared/audit/verify-log.ts'
import { indexColumns, type IndexCheck } from '../vault/audit/index-check.ts'
import { readStoredRecord, signedManifestBytes } from '../vault/audit/verify-vault.ts'
import { openDatabase, type Database } from '../vault/store/driver.ts'

const batchSize = 500

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(0))
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Pages through a table by its integer key, so that memory stays flat. */
async function* readPages<T>(
  database: Database,
  sql: string,
  key: string,
  read: (row: Readonly<Record<string, unknown>>) => T,
): AsyncGenerator<readonly T[]> {
  let after = Number.MIN_SAFE_INTEGER
  for (;;) {
    const rows = await database.all(sql, after, batchSize)
    yield rows.map(read)
    const last = rows.at(-1)
    if (last === undefined || rows.length < batchSize) return
    after = numberOf(last[key])
  }
}

async function* readRecords(database: Database): AsyncGenerator<StoredRecord> {
  const names = await database.all('SELECT credential, version FROM records ORDER BY credential, version')
  for (const row of names) {
    const record = await readStoredRecord(database, textOf(row['credential']), numberOf(row['version']))
    if (record !== null) yield record
  }
}

/** Entries of a vault, batch by batch. */
export const readEntryPages = (database: Database): AsyncGenerator<readonly Uint8Array[]> =>
  readPages(database, 'SELECT seq, bytes FROM entries WHERE seq > ? ORDER BY seq LIMIT ?', 'seq', (row) =>
    bytesOf(row['bytes']),
  )

/** How many entries there are, as far as the table's keys can tell. */
export async function countEntries(database: Database): Promise<number> {
  const last = (await database.get('SELECT MAX(seq) AS last FROM entries'))?.['last']
  return numberOf(last) + 1
}

/**
 * Runs `work` on one consistent state of the vault, however much the app writes meanwhile.
 * @throws HalliganError STORAGE_*, VAULT_DAMAGED
 */
export async function withVaultDatabase<T>(dir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(path.join(dir, vaultDatabaseFile), 'read')
  try {
    // Somebody else's schema in the file must not run anything here.
    await database.execute('PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 2000; BEGIN')
    return await work(database)
  } finally {
    await database.close()
  }
}

/**
 * A {@link LogSource} over a vault's database.
 * @param index told of every row, with its place in the log
 */
export const createVaultSource = (database: Database, index: Pick<IndexCheck, 'take'>): LogSource => ({
  manifests: async () =>
    (await database.all('SELECT bytes, signatures FROM manifests ORDER BY version')).map(signedManifestBytes),
  entries: () => {
    let place = 0
    return readPages(
      database,
      `SELECT seq, bytes, ${indexColumns} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
      'seq',
      (row) => {
        index.take(place++, row)
        return bytesOf(row['bytes'])
      },
    )
  },
  checkpoints: () =>
    readPages(database, 'SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?', 'size', (row) =>
      textOf(row['note']),
    ),
  records: () => readRecords(database),
})

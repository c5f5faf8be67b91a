/** What stands in the vault, read from its file: the app is not asked about itself. */
import path from 'node:path'
import sqlite from 'sqlite3'
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'

type EntryOf<T extends EntryType> = Extract<Entry, { type: T }>

/** Rows of the vault in `vaultDir` that `query` gives. Opened read-only; works while the app is open. */
export async function readRows<T>(vaultDir: string, query: string): Promise<readonly T[]> {
  const database = await new Promise<sqlite.Database>((resolve, reject) => {
    const opened = new sqlite.Database(path.join(vaultDir, 'vault.sqlite3'), sqlite.OPEN_READONLY, (error) => {
      if (error === null) resolve(opened)
      else reject(error)
    })
    opened.configure('busyTimeout', 2000)
  })
  try {
    return await new Promise<readonly T[]>((resolve, reject) => {
      database.all<T>(query, (error, found) => {
        if (error === null) resolve(found)
        else reject(error)
      })
    })
  } finally {
    await new Promise<void>((resolve) => database.close(() => resolve()))
  }
}

/** All entries of the vault in `vaultDir`, oldest first. */
export async function readEntries(vaultDir: string): Promise<readonly Entry[]> {
  const rows = await readRows<{ readonly bytes: Uint8Array }>(vaultDir, 'SELECT bytes FROM entries ORDER BY seq')
  return rows.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry)
}

/** Those of `entries` that have this type. */
export const entriesOf = <T extends EntryType>(entries: readonly Entry[], type: T): readonly EntryOf<T>[] =>
  entries.filter((entry): entry is EntryOf<T> => entry.type === type)

/** Codes of all taps refused so far, oldest first. */
export const refusedCodes = async (vaultDir: string): Promise<readonly string[]> =>
  entriesOf(await readEntries(vaultDir), 'tap.refused').map(({ data }) => data.code)

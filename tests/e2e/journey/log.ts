/** What stands in the log, read from the vault's file itself: the app is not asked about itself. */
import path from 'node:path'
import sqlite from 'sqlite3'
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'

type EntryOf<T extends EntryType> = Extract<Entry, { type: T }>

/** All entries of the vault in `vaultDir`, oldest first. Opened read-only; works while the app is open. */
export async function readEntries(vaultDir: string): Promise<readonly Entry[]> {
  const database = await new Promise<sqlite.Database>((resolve, reject) => {
    const opened = new sqlite.Database(path.join(vaultDir, 'vault.sqlite3'), sqlite.OPEN_READONLY, (error) => {
      if (error === null) resolve(opened)
      else reject(error)
    })
    opened.configure('busyTimeout', 2000)
  })
  try {
    const rows = await new Promise<readonly { readonly bytes: Uint8Array }[]>((resolve, reject) => {
      database.all<{ bytes: Uint8Array }>('SELECT bytes FROM entries ORDER BY seq', (error, found) => {
        if (error === null) resolve(found)
        else reject(error)
      })
    })
    return rows.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry)
  } finally {
    await new Promise<void>((resolve) => database.close(() => resolve()))
  }
}

/** Those of `entries` that have this type. */
export const entriesOf = <T extends EntryType>(entries: readonly Entry[], type: T): readonly EntryOf<T>[] =>
  entries.filter((entry): entry is EntryOf<T> => entry.type === type)

/** Codes of all taps refused so far, oldest first. */
export const refusedCodes = async (vaultDir: string): Promise<readonly string[]> =>
  entriesOf(await readEntries(vaultDir), 'tap.refused').map(({ data }) => data.code)

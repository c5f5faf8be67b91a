/** The vault's storage, open for writing by this process alone. Public face of this folder. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { HalliganError } from '../../../shared/errors.ts'
import { ensureBallast, isOutOfRoom, releaseBallast } from './ballast.ts'
import { openDatabase, type Database, type Statements } from './driver.ts'
import { checkFolder, createFile, createFolder, fileNames, isAbsent, syncFolder } from './folder.ts'
import { migrate } from './schema.ts'

export interface Store {
  readonly database: Database
  /**
   * A transaction that gives up the ballast for its sake: when the disk is full, the ballast file is deleted and
   * `work` runs once more. It is told how many bytes were freed since the last transaction that succeeded (mostly 0).
   * @throws HalliganError STORAGE_FULL when there was no ballast or it was not enough, and as Database.transaction
   */
  transactAtAnyCost<T>(work: (statements: Statements, releasedBytes: number) => Promise<T>): Promise<T>
  /**
   * Moves the write-ahead log into the main file and truncates it: what was overwritten is gone from both. Never fails;
   * what cannot be done now is tried again later.
   */
  eraseRemnants(): Promise<void>
  /** Releases the lock last. May be called again. */
  close(): Promise<void>
}

export interface StoreOptions {
  readonly dir: string
  readonly randomBytes: (length: number) => Uint8Array
}

const busyTimeoutMs = 2000
const eraseAgainMs = 2000

// FULL: a commit is on the disk, not in its cache (fullfsync says the same to macOS). secure_delete: an erased wrap or
// station key is overwritten. trusted_schema: a schema planted in the file runs nothing.
const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA foreign_keys = ON;
  PRAGMA secure_delete = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA mmap_size = 0;
  PRAGMA busy_timeout = ${busyTimeoutMs};
`

/**
 * Holds an exclusive transaction on a second file for as long as this process lives. The kernel ends it with the
 * process, so nothing has to be cleaned up after a crash; readers of the vault file are not kept out.
 */
async function takeLock(dir: string): Promise<Database> {
  const file = path.join(dir, fileNames.lock)
  await createFile(file)
  const lock = await openDatabase(file, 'write')
  try {
    // The journal in memory: holding the lock must not need room on a full disk.
    await lock.execute('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    await lock.close()
    if (error instanceof HalliganError && error.code === 'STORAGE_BUSY') {
      throw new HalliganError('VAULT_LOCKED_BY_OTHER', {}, error)
    }
    throw error
  }
}

/** True when `dir` holds a vault database, in whatever state. */
export async function hasVaultFile(dir: string): Promise<boolean> {
  return !(await isAbsent(path.join(dir, fileNames.vault)))
}

async function openVaultFile(dir: string): Promise<Database> {
  const file = path.join(dir, fileNames.vault)
  await createFile(file)
  const database = await openDatabase(file, 'write')
  try {
    await database.execute(pragmas)
    await migrate(database)
    return database
  } catch (error) {
    await database.close().catch(() => undefined)
    throw error
  }
}

/** Runs `work`; when the disk is full, releases the ballast (telling `onReleased`) and runs it once more. */
async function tryAtAnyCost<T>(dir: string, work: () => Promise<T>, onReleased: (bytes: number) => void): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(await isOutOfRoom(dir, error))) throw error
    const released = await releaseBallast(dir)
    if (released === 0) throw new HalliganError('STORAGE_FULL', {}, error)
    onReleased(released)
    return work()
  }
}

/**
 * Empties the write-ahead log. A reader beside us (the command line) can hold it for as long as it reads: nobody waits for
 * that; it is tried again until it is done.
 */
function createEraser(dir: string, database: Database): { erase: () => Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const isEmpty = async (): Promise<boolean> => {
    const file = path.join(dir, `${fileNames.vault}-wal`)
    return (await isAbsent(file)) || (await stat(file)).size === 0
  }
  async function erase(): Promise<void> {
    clearTimeout(timer)
    try {
      await database.execute(
        `PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${busyTimeoutMs}`,
      )
      if (await isEmpty()) return
    } catch {
      // A full disk, for instance: nothing may fail because of this.
    }
    if (!stopped) timer = setTimeout(() => void erase(), eraseAgainMs).unref()
  }
  return {
    erase,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/**
 * Opens the vault folder for writing, making folder, files and schema where they are missing.
 * @throws HalliganError VAULT_UNSAFE_PERMISSIONS, VAULT_LOCKED_BY_OTHER, VAULT_TOO_NEW, VAULT_DAMAGED, STORAGE_*
 */
export async function openStore({ dir, randomBytes }: StoreOptions): Promise<Store> {
  await createFolder(dir)
  await checkFolder(dir)
  const lock = await takeLock(dir)
  let releasedBytes = 0
  const onReleased = (bytes: number): void => {
    releasedBytes += bytes
  }
  let database: Database
  try {
    database = await tryAtAnyCost(dir, () => openVaultFile(dir), onReleased)
    await syncFolder(dir)
  } catch (error) {
    await lock.close()
    throw error
  }
  if (releasedBytes === 0) await ensureBallast(dir, randomBytes)
  const eraser = createEraser(dir, database)
  // A process that was killed may have left behind what it had overwritten or destroyed.
  await eraser.erase()
  return {
    database,
    transactAtAnyCost: (work) =>
      tryAtAnyCost(
        dir,
        async () => {
          const told = releasedBytes
          const result = await database.transaction((statements) => work(statements, told))
          releasedBytes -= told
          return result
        },
        onReleased,
      ),
    eraseRemnants: eraser.erase,
    close: async () => {
      eraser.stop()
      try {
        await database.close()
      } finally {
        await lock.close()
      }
    },
  }
}

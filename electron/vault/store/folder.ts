/**
 * The vault's folder and files on disk: owner only, no links. Against another user of this machine who reads the vault,
 * swaps it, or plants a link so that we write somewhere else.
 */
import { constants } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { HalliganError } from '../../../shared/errors.ts'
import { asStorageError } from './storage-error.ts'

/** Names inside the vault folder. `vault.sqlite3` and its schema are read by the command line too. */
export const fileNames = { vault: 'vault.sqlite3', lock: 'lock.sqlite3', ballast: 'ballast' } as const

/** Every file that may stand in a vault folder, the ones SQLite makes beside its own included. */
const guardedNames = [
  fileNames.vault,
  `${fileNames.vault}-wal`,
  `${fileNames.vault}-shm`,
  `${fileNames.vault}-journal`,
  fileNames.lock,
  `${fileNames.lock}-journal`,
  fileNames.ballast,
]

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** True when there is nothing at `file`; a dangling link is something. */
export async function isAbsent(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return false
  } catch (error) {
    if (isMissing(error)) return true
    throw asStorageError(error)
  }
}

async function checkOne(file: string, kind: 'folder' | 'file'): Promise<void> {
  const found = await lstat(file)
  const refuse = (why: string): never => {
    throw new HalliganError('VAULT_UNSAFE_PERMISSIONS', { path: file.slice(-300), why })
  }
  if (found.isSymbolicLink()) refuse('link')
  if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) refuse('kind')
  // Windows has no such bits: its user profile folders are private by their ACL.
  if (process.platform === 'win32') return
  if ((found.mode & 0o077) !== 0) refuse('open-to-others')
  if (process.getuid !== undefined && found.uid !== process.getuid()) refuse('owner')
  // A second hard link would be a way in that survives every later check of this name.
  if (kind === 'file' && found.nlink > 1) refuse('link')
}

/**
 * Refuses a vault folder or a file in it that is a link, is not ours, or is open to group or world.
 * @throws HalliganError VAULT_MISSING, VAULT_UNSAFE_PERMISSIONS {path, why}, STORAGE_*
 */
export async function checkFolder(dir: string): Promise<void> {
  try {
    await checkOne(dir, 'folder')
    for (const name of guardedNames) {
      const file = path.join(dir, name)
      if (!(await isAbsent(file))) await checkOne(file, 'file')
    }
  } catch (error) {
    if (isMissing(error)) throw new HalliganError('VAULT_MISSING', {}, error)
    throw asStorageError(error)
  }
}

/** Makes the folder with mode 0700 (its parents as the system likes); an existing one is left as it is. */
export async function createFolder(dir: string): Promise<void> {
  try {
    await mkdir(path.dirname(dir), { recursive: true })
    await mkdir(dir, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw asStorageError(error)
  }
}

/**
 * Makes `file` with mode 0600 if it is not there. SQLite gives its -wal and -shm files the mode of the main file, so
 * this is where all modes come from, whatever the umask.
 */
export async function createFile(file: string): Promise<void> {
  try {
    const handle = await open(file, constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW, 0o600)
    await handle.close()
  } catch (error) {
    throw asStorageError(error)
  }
}

/** Makes names in `dir` durable. */
export async function syncFolder(dir: string): Promise<void> {
  // Windows cannot open a folder for this and does not need it.
  if (process.platform === 'win32') return
  const handle = await open(dir, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Room kept in reserve, so that an emergency can still be recorded when the disk is full. */
import { createCipheriv } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { HalliganError } from '../../../shared/errors.ts'
import { fileNames, isAbsent, syncFolder } from './folder.ts'
import { asStorageError } from './storage-error.ts'

/** Bytes kept in reserve. */
export const ballastBytes = 4 * 1_048_576

async function hasRoom(dir: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize > 4 * ballastBytes
}

/**
 * Bytes that a compressing or de-duplicating file system cannot make smaller: zeros would cost it nothing, and give nothing
 * back. Not a secret; one seed is stretched because libsodium's generator takes seconds for so many bytes.
 */
function makeFiller(seed: Uint8Array): Uint8Array {
  const stream = createCipheriv('chacha20', seed, new Uint8Array(16))
  return stream.update(new Uint8Array(ballastBytes))
}

async function fill(file: string, randomBytes: (length: number) => Uint8Array): Promise<void> {
  const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW
  const handle = await open(file, flags, 0o600)
  try {
    await handle.writeFile(makeFiller(randomBytes(32)))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Puts the ballast file in place unless it is there; leaves it out when the disk has little room. */
export async function ensureBallast(dir: string, randomBytes: (length: number) => Uint8Array): Promise<void> {
  const file = path.join(dir, fileNames.ballast)
  try {
    if (!(await isAbsent(file)) && (await stat(file)).size === ballastBytes) return
    if (!(await hasRoom(dir))) return
    await fill(file, randomBytes)
    await syncFolder(dir)
  } catch {
    // Ballast is a comfort: without it the vault works, and a half-written one gives its room back.
    await rm(file, { force: true }).catch(() => undefined)
  }
}

/**
 * True when `error` comes from a full disk. SQLite says so itself for its data, but reports a write-ahead log's index that
 * cannot grow as a plain I/O error; then the file system is asked.
 */
export async function isOutOfRoom(dir: string, error: unknown): Promise<boolean> {
  if (!(error instanceof HalliganError)) return false
  if (error.code === 'STORAGE_FULL') return true
  const { reason } = error.detail
  if (error.code !== 'STORAGE_FAILED' || (reason !== 'SQLITE_IOERR' && reason !== 'SQLITE_CANTOPEN')) return false
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize < 131_072
}

/** Deletes the ballast file; the bytes it gave back, 0 when there was none. */
export async function releaseBallast(dir: string): Promise<number> {
  const file = path.join(dir, fileNames.ballast)
  try {
    if (await isAbsent(file)) return 0
    const { size } = await stat(file)
    await rm(file)
    return size
  } catch (error) {
    throw asStorageError(error)
  }
}

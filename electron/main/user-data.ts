/** The folder that holds what Chromium keeps, the known checkpoint and, unless told otherwise, the vault. */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'

/**
 * Creates `dir` for this user only, or closes it to others.
 * @returns null, or why it cannot be used: a link or a stranger's folder could be swapped under us.
 */
export function makePrivateFolder(dir: string): string | null {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const stats = lstatSync(dir)
  if (stats.isSymbolicLink()) return `${dir} is a symbolic link; Halligan keeps its data in a real folder only.`
  if (!stats.isDirectory()) return `${dir} is not a folder.`
  if (process.getuid !== undefined && stats.uid !== process.getuid()) return `${dir} belongs to another user.`
  if ((stats.mode & 0o077) !== 0) chmodSync(dir, 0o700)
  return null
}

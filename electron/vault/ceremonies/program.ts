/** Which program wrote minutes: its version, and one hash over its files. */
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { Minutes } from '../../../shared/domain/ceremony.ts'

/**
 * SHA-256 (base64url) over the lines `<sha256 in hex>  <path>\n` of every file below `dir`, paths ascending: what
 * `sha256sum` prints of them, sorted by path. Null when they cannot all be read.
 */
async function digestFolder(dir: string): Promise<string | null> {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .sort((a, b) => (a < b ? -1 : 1))
    if (files.length === 0) return null
    const whole = createHash('sha256')
    for (const file of files) {
      const digest = createHash('sha256')
        .update(await readFile(path.join(dir, file)))
        .digest('hex')
      whole.update(utf8(`${digest}  ${file}\n`))
    }
    return toBase64Url(new Uint8Array(whole.digest()))
  } catch {
    return null
  }
}

export type ProgramFacts = () => Promise<Minutes['program']>

/** @param dir the folder that the program runs from; undefined in a test without a build */
export function createProgramFacts(version: string, dir: string | undefined): ProgramFacts {
  let digest: Promise<string | null> | null = null
  return async () => {
    // The files do not change under a program that runs; a package is read once.
    digest ??= dir === undefined ? Promise.resolve(null) : digestFolder(dir)
    return { version, digest: await digest }
  }
}

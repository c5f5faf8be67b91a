/** Where unpacked Electron runtimes are kept between runs, and how we know that one is still whole. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const sealName = 'halligan-runtime.json'

/**
 * The cache's folder: `$XDG_CACHE_HOME/halligan-electron` or below `~/.cache`. Root's home is closed to the user that the
 * app runs as, so root keeps it in /var/cache.
 */
export function cacheDir(): string {
  const chosen = process.env['XDG_CACHE_HOME']
  if (chosen !== undefined && path.isAbsolute(chosen)) return path.join(chosen, 'halligan-electron')
  if (process.getuid?.() === 0) return '/var/cache/halligan-electron'
  return path.join(os.homedir(), '.cache', 'halligan-electron')
}

function hashFiles(dir: string): Record<string, string> {
  const files: Record<string, string> = {}
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === sealName) continue
    const file = path.join(entry.parentPath, entry.name)
    files[path.relative(dir, file)] = createHash('sha256').update(readFileSync(file)).digest('hex')
  }
  return files
}

const sortedJson = (files: Record<string, string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)

/** Whether the runtime in `dir` is complete and unchanged since it was put there (about 0.3 s: every file is hashed). */
export function isWhole(dir: string): boolean {
  try {
    return readFileSync(path.join(dir, sealName), 'utf8') === sortedJson(hashFiles(dir))
  } catch {
    return false
  }
}

/**
 * The cached folder `name`, made by `fill` when it is absent or damaged. Filled beside and renamed: a broken-off download
 * or a second run at the same time leaves no half runtime behind.
 * @returns the folder, absolute
 */
export async function cached(name: string, fill: (dir: string) => Promise<void>): Promise<string> {
  const target = path.join(cacheDir(), name)
  if (isWhole(target)) return target
  mkdirSync(cacheDir(), { recursive: true, mode: 0o755 })
  const fresh = mkdtempSync(`${target}.new-`)
  try {
    await fill(fresh)
    writeFileSync(path.join(fresh, sealName), sortedJson(hashFiles(fresh)))
    // Another run may have been faster; theirs is as good as ours, and may already be in use.
    if (!isWhole(target)) {
      rmSync(target, { recursive: true, force: true })
      renameSync(fresh, target)
    }
    return target
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Remembers that something failed, so that the next starts need not wait for it to fail again. */
export const failureNotes = {
  /** Notes a failure of `what` now. */
  note(what: string): void {
    mkdirSync(cacheDir(), { recursive: true, mode: 0o755 })
    writeFileSync(path.join(cacheDir(), `${what}.failed`), String(Date.now()))
  },
  /** Whether `what` failed less than `forMs` ago. */
  isRecent(what: string, forMs: number): boolean {
    const file = path.join(cacheDir(), `${what}.failed`)
    return existsSync(file) && Date.now() - Number(readFileSync(file, 'utf8')) < forMs
  },
}

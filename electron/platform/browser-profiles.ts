/**
 * The throw-away profiles of browsers that host the tap page: where they lie, and how what a dead app left of them is swept up.
 * A profile's name is random, so whatever names its folder belongs to it.
 */
import { lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** The two folders of one profile, both mode 0700. */
export interface BrowserProfile {
  /** Everything the browser keeps. */
  readonly dir: string
  /**
   * Its temporary files, in the system's folder for those: Chromium puts a socket there, and the path of a socket may have no
   * more than about 100 bytes.
   */
  readonly temp: string
}

const prefix = 'tap-'
const namePattern = /^tap-[\w-]{16}$/

const profileOf = (profiles: string, name: string): BrowserProfile => ({
  dir: path.join(profiles, name),
  temp: path.join(os.tmpdir(), `halligan-${name}`),
})

/** The folder that `--user-data-dir` names: also how a browser is known as this profile's. */
export const userDataDir = (profile: BrowserProfile): string => path.join(profile.dir, 'data')

/**
 * Makes both folders of a new profile; `profiles` is made when it is not there.
 * @param random 16 characters of base64url, never used before
 * @throws Error (file system) also when one of them exists: a stranger may have put it there
 */
export function makeProfile(profiles: string, random: string): BrowserProfile {
  const profile = profileOf(profiles, `${prefix}${random}`)
  mkdirSync(profiles, { recursive: true, mode: 0o700 })
  mkdirSync(profile.dir, { mode: 0o700 })
  mkdirSync(profile.temp, { mode: 0o700 })
  writeFileSync(ownerFile(profile), String(process.pid), { mode: 0o600 })
  return profile
}

/** Holds the number of the process that the profile belongs to. */
const ownerFile = ({ dir }: BrowserProfile): string => path.join(dir, 'owner')

/** Whether the tap host that made this profile still runs. */
function isInUse(profile: BrowserProfile): boolean {
  try {
    const owner = Number(readFileSync(ownerFile(profile), 'utf8'))
    return Number.isInteger(owner) && owner > 0 && process.kill(owner, 0)
  } catch {
    return false
  }
}

/** Removes both folders. @throws Error (file system) when something in them is still in use (Windows) */
export function removeProfile({ dir, temp }: BrowserProfile): void {
  // Retried: a browser that was just killed may be writing its last file.
  for (const folder of [dir, temp]) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** Kills what still runs from this profile, where that can be told for sure: on Linux, by the processes' own arguments. */
export function killFromProfile(profile: BrowserProfile): void {
  if (process.platform !== 'linux') return
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid) && runsFrom(pid, profile)) kill(Number(pid))
  }
}

function runsFrom(pid: string, profile: BrowserProfile): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return false
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    // The browser and its children name the folder; its crash handler names the one for dumps.
    return args.some((arg) => arg.startsWith('--') && arg.split('=').slice(1).join('=').startsWith(`${profile.dir}/`))
  } catch {
    // It ended while we looked.
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended while we looked.
  }
}

function isOurFolder(stats: Stats): boolean {
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid())
}

/**
 * Ends and removes what tap hosts that are gone left in `profiles`: at the start of the app, and after a host that was killed.
 * Folders that cannot be removed (Windows, while their browser still runs) stay for the next start.
 * @returns how many profiles were removed
 */
export function sweepProfiles(profiles: string): number {
  let removed = 0
  for (const name of listFolder(profiles)) {
    if (!namePattern.test(name)) continue
    const profile = profileOf(profiles, name)
    try {
      // lstat: a link would lead the removal elsewhere.
      if (!isOurFolder(lstatSync(profile.dir)) || isInUse(profile)) continue
      killFromProfile(profile)
      removeProfile(profile)
      removed += 1
    } catch {
      // In use: next time.
    }
  }
  return removed
}

function listFolder(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    // No tap has ever taken place in a browser here.
    return []
  }
}

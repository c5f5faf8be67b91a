/**
 * Starts the browser so that it ends with us, however we end. On POSIX systems a guard (a shell with a constant script) waits at
 * a pipe that only we hold: when it breaks, because this process was killed or the whole app, the guard kills the browser's
 * process group and removes the profile. Windows has no such guard; there `sweepProfiles` cleans up at the next start.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { killFromProfile, removeProfile, type BrowserProfile } from '../platform/browser-profiles.ts'

/** How long the browser may take to go by itself, and then when it is asked to (ms). */
const graceMs = { byItself: 1_000, asked: 1_500 } as const

/** A browser that was started. */
export interface RunningBrowser {
  /** Resolves when its first process is gone. `failed`: it was not an end in order. */
  readonly exited: Promise<{ readonly failed: boolean }>
  /** Ends it if it still runs, waits until it is gone, and removes the profile. */
  readonly end: (options: { readonly byItself: boolean }) => Promise<void>
}

/** What is started, and in what surroundings. */
export interface BrowserProgram {
  /** Absolute path. */
  readonly program: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Where `sleep` and `rm` are; the last is NixOS, which has no other. */
const shellPath = '/usr/bin:/bin:/run/current-system/sw/bin'

/** Reads the group's number, then waits: `done`, or the pipe's end. (`kill -KILL --` is an error in some shells.) */
const guardScript = `
read -r group || group=
while read -r word; do
  if [ "$word" = done ]; then exit 0; fi
done
if [ -n "$group" ]; then kill -s KILL -- "-$group"; fi
for pause in 0 1 1 1 1; do
  sleep $pause
  rm -rf -- "$@"
done`

/** Tells the guard its number before anything else, so that there is no moment in which nobody could end it. No core dumps. */
const launchScript = `
echo $$ >&3 || exit 71
exec 3>&-
ulimit -c 0
umask 077
exec "$@"`

interface Started {
  readonly browser: ChildProcess
  /** Kills all of the browser's processes that can be told. */
  readonly killAll: () => void
  /** The profile is gone (true), or has to be removed without us. Resolves when nothing that we started is left. */
  readonly release: (removed: boolean) => Promise<void>
}

function startGuarded({ program, flags, env }: BrowserProgram, profile: BrowserProfile): Started {
  const shell = (script: string, args: readonly string[]): string[] => ['-c', script, 'halligan-tap', ...args]
  const guard = spawn('/bin/sh', shell(guardScript, [profile.dir, profile.temp]), {
    // Groups of their own: what ends a terminal's or an app's group must reach neither.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: shellPath },
    cwd: '/',
  })
  guard.stdin.on('error', () => undefined)
  const browser = spawn('/bin/sh', shell(launchScript, [program, ...flags]), {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', guard.stdin],
    env: { ...env, ...privateFolders(profile), PATH: shellPath },
    cwd: profile.dir,
  })
  const killAll = (): void => {
    if (browser.pid !== undefined) killGroup(browser.pid)
    killFromProfile(profile)
  }
  // Without its guard the browser would outlive us.
  let released = false
  const guardGone = new Promise<void>((resolve) => {
    const end = (): void => {
      if (!released) killAll()
      resolve()
    }
    guard.once('close', end)
    guard.once('error', end)
  })
  return {
    browser,
    killAll,
    release: async (removed) => {
      released = true
      guard.stdin.end(removed ? 'done\n' : '')
      await guardGone
    },
  }
}

/** Where a browser would write besides its profile, led into it: dumps, caches, and settings that would add flags to ours. */
function privateFolders({ dir, temp }: BrowserProfile): Record<string, string> {
  const home = path.join(dir, 'home')
  return {
    TMPDIR: temp,
    BREAKPAD_DUMP_LOCATION: path.join(dir, 'crash'),
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // None of it is left.
  }
}

function startOnWindows({ program, flags, env }: BrowserProgram, profile: BrowserProfile): Started {
  const browser = spawn(program, flags, {
    stdio: 'ignore',
    env: { ...env, TEMP: profile.temp, TMP: profile.temp },
    cwd: profile.dir,
  })
  const taskkill = path.win32.join(env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'taskkill.exe')
  return {
    browser,
    killAll: () => {
      if (browser.pid !== undefined && browser.exitCode === null)
        spawn(taskkill, ['/pid', String(browser.pid), '/t', '/f'], { stdio: 'ignore' }).on('error', () =>
          browser.kill(),
        )
    },
    release: () => Promise.resolve(),
  }
}

/** Starts the browser on `profile`, which is this browser's from here on. */
export function launchBrowser(program: BrowserProgram, profile: BrowserProfile): RunningBrowser {
  const start = process.platform === 'win32' ? startOnWindows : startGuarded
  const { browser, killAll, release } = start(program, profile)
  const exited = new Promise<{ readonly failed: boolean }>((resolve) => {
    browser.once('exit', (code) => resolve({ failed: code !== 0 }))
    // It could not be started at all.
    browser.once('error', () => resolve({ failed: true }))
  })
  const isGoneWithin = (ms: number): Promise<boolean> => within(ms, exited)
  return {
    exited,
    end: async ({ byItself }) => {
      const isGone = byItself && (await isGoneWithin(graceMs.byItself))
      if (!isGone) {
        browser.kill('SIGTERM')
        await isGoneWithin(graceMs.asked)
      }
      killAll()
      await exited
      await release(tryRemove(profile))
    },
  }
}

function tryRemove(profile: BrowserProfile): boolean {
  try {
    removeProfile(profile)
    return true
  } catch {
    return false
  }
}

async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Everything between "the app is bundled" and "the app runs": an Electron, its libraries, a display, a user, a stage. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openDisplay } from './display.ts'
import { resolveElectron, type ElectronRuntime } from './electron-runtime.ts'
import { appDirOf, type Flavour } from './paths.ts'
import { cached } from './runtime-cache.ts'
import { PlainFailure } from './say.ts'
import { ensureLibraries } from './system-libraries.ts'
import {
  canRead,
  chooseUser,
  copyReadable,
  ensureSandbox,
  giveTo,
  writeWrapper,
  type UserId,
} from './unprivileged-user.ts'

/** What it takes to start the app. Plain data, so that it can cross to test workers as JSON. */
export interface RunSettings {
  /** Starts Electron as the right user; takes Electron's arguments. */
  readonly executablePath: string
  /** The app's folder: the first argument. */
  readonly appDir: string
  /** The whole environment to start it with. */
  readonly env: Readonly<Record<string, string>>
  /** Whom the app runs as, when not as ourselves. */
  readonly userId: UserId | null
  /** The run's own folder, readable by that user. */
  readonly runDir: string
  readonly electronVersion: string
  /** `virtual`: an Xvfb of the run's own, 1600x1200. */
  readonly display: 'real' | 'virtual'
}

/** A prepared run. `dispose` takes the display down and removes the run's folder. */
export interface PreparedRun extends RunSettings {
  /** A fresh empty folder, mode 0700, that belongs to the app's user: for `--user-data-dir`, exports, sinks. */
  readonly makeUserDir: () => string
  readonly dispose: () => void
}

/** A fresh empty folder that belongs to the app's user, mode 0700, removed with the run. */
export function makeUserDir(run: RunSettings): string {
  const dir = mkdtempSync(path.join(run.runDir, 'user-'))
  giveTo(run.userId, dir)
  return dir
}

/** Electron's folder as the user can read it; a checkout under a closed home makes a copy necessary. */
async function readableDist(runtime: ElectronRuntime, user: UserId | null): Promise<string> {
  if (canRead(runtime.executable, user)) return runtime.distDir
  const { mtimeMs, size } = statSync(runtime.executable)
  const name = `staged-${runtime.version}-${String(size)}-${String(Math.trunc(mtimeMs))}`
  return cached(name, (dir) => {
    copyReadable(runtime.distDir, dir)
    return Promise.resolve()
  })
}

function inheritedEnv(): Record<string, string> {
  // What would change Electron's behaviour, or belongs to npm and the user we are not, stays behind.
  const unwanted = /^(ELECTRON_|NODE_OPTIONS$|npm_|DISPLAY$|WAYLAND_DISPLAY$|XAUTHORITY$|DBUS_SESSION_BUS_ADDRESS$)/
  const entries = Object.entries(process.env).filter(([name, value]) => value !== undefined && !unwanted.test(name))
  return Object.fromEntries(entries) as Record<string, string>
}

/** A root's X authority file is closed to the user that the app runs as. */
function shareAuthority(env: Record<string, string>, runDir: string, user: UserId | null): void {
  if (user === null || env['DISPLAY'] === undefined) return
  const authority = env['XAUTHORITY'] ?? path.join(os.homedir(), '.Xauthority')
  if (!existsSync(authority)) return
  const copy = path.join(runDir, 'xauthority')
  copyFileSync(authority, copy)
  chmodSync(copy, 0o600)
  giveTo(user, copy)
  env['XAUTHORITY'] = copy
}

/** Where the app's data stays between starts: the user's own home (null: as it is), or one for the user root became. */
const ownHome = (user: UserId | null): string | null => (user === null ? null : '/var/lib/halligan')

/** How a run differs from the usual. */
export interface RunOptions {
  readonly flavour: Flavour
  /** The app user's home. Default: a fresh one, gone with the run. `own`: the home that an ordinary user has. */
  readonly home?: 'own'
  /** Another app folder in place of the flavour's, such as an empty app to compare with. */
  readonly appSource?: string
}

/**
 * Prepares to start the app of `flavour`, which must be bundled. The app is copied to the run's own folder: the user it runs
 * as may not be able to read the checkout, and a new bundle must not change an app that is running.
 * @throws PlainFailure in words for the person at the terminal when the machine lacks something.
 */
export async function prepareRun({ flavour, home, appSource }: RunOptions): Promise<PreparedRun> {
  const source = appSource ?? appDirOf(flavour)
  if (!existsSync(path.join(source, 'package.json')))
    throw new PlainFailure(`${source} is not built; run: npm run build`)
  const runtime = await resolveElectron()
  const user = chooseUser()
  await ensureLibraries(runtime.executable, (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') === '')
  const distDir = await readableDist(runtime, user)
  ensureSandbox(distDir, user)

  const runDir = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'halligan-run-'))
  chmodSync(runDir, 0o755)
  const appDir = path.join(runDir, 'app')
  copyReadable(source, appDir)
  const homeDir = home === 'own' ? ownHome(user) : path.join(runDir, 'home')
  if (homeDir !== null) {
    mkdirSync(homeDir, { recursive: true, mode: 0o700 })
    giveTo(user, homeDir)
  }
  const executablePath = path.join(runDir, 'electron')
  const executable = path.join(distDir, path.relative(runtime.distDir, runtime.executable))
  writeWrapper(executablePath, executable, user, homeDir)

  const display = await openDisplay()
  const env = { ...inheritedEnv(), ...display.env }
  shareAuthority(env, runDir, user)
  const settings = {
    executablePath,
    appDir,
    env,
    userId: user,
    runDir,
    electronVersion: runtime.version,
    display: display.kind,
  }
  const dispose = (): void => {
    process.off('exit', dispose)
    display.stop()
    rmSync(runDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  process.on('exit', dispose)
  return { ...settings, makeUserDir: () => makeUserDir(settings), dispose }
}

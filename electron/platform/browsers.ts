/**
 * Which browsers there are that can host the tap page: those built on Chromium, which asks for a key's PIN on every system and
 * returns the PRF output (docs/tap-in-browser.md says why no other). Fixed places only: a search along PATH would start
 * whatever a program of the same name put first.
 */
import { accessSync, constants, realpathSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'

/** A browser that was found. */
export interface FoundBrowser {
  readonly name: string
  /** Absolute path of its program. */
  readonly path: string
}

/** The machine as far as the search looks at it. */
export interface BrowserPlaces {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a program that we may start stands at this path. */
  readonly isProgram: (file: string) => boolean
}

interface Product {
  readonly name: string
  readonly linux: readonly string[]
  readonly darwin: string
  readonly win32: string
}

/** In order of preference; the first one found is used unless the person chose another. */
const products: readonly Product[] = [
  {
    name: 'Google Chrome',
    linux: ['google-chrome-stable', 'google-chrome'],
    darwin: 'Google Chrome',
    win32: String.raw`Google\Chrome\Application\chrome.exe`,
  },
  {
    name: 'Chromium',
    linux: ['chromium', 'chromium-browser'],
    darwin: 'Chromium',
    win32: String.raw`Chromium\Application\chrome.exe`,
  },
  {
    name: 'Microsoft Edge',
    linux: ['microsoft-edge-stable', 'microsoft-edge'],
    darwin: 'Microsoft Edge',
    win32: String.raw`Microsoft\Edge\Application\msedge.exe`,
  },
  {
    name: 'Brave',
    linux: ['brave-browser-stable', 'brave-browser'],
    darwin: 'Brave Browser',
    win32: String.raw`BraveSoftware\Brave-Browser\Application\brave.exe`,
  },
]

/** Not `/snap/bin`: a snap sees neither our profile folder nor, mostly, the security keys. */
const linuxFolders = ['/usr/bin', '/usr/local/bin', '/run/current-system/sw/bin']

function candidates(product: Product, { platform, env }: BrowserPlaces): string[] {
  const below = (paths: path.PlatformPath, folders: readonly (string | undefined)[], rest: string): string[] =>
    folders.flatMap((folder) => (folder === undefined || folder === '' ? [] : [paths.join(folder, rest)]))
  switch (platform) {
    case 'darwin': {
      const program = `${product.darwin}.app/Contents/MacOS/${product.darwin}`
      const home = env['HOME'] ?? ''
      return below(path.posix, ['/Applications', home === '' ? '' : `${home}/Applications`], program)
    }
    case 'win32':
      return below(path.win32, [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']], product.win32)
    default:
      return product.linux.flatMap((name) => below(path.posix, linuxFolders, name))
  }
}

/** The browsers of this machine in order of preference, one path for each product. */
export function findBrowsers(places: BrowserPlaces = thisMachine): FoundBrowser[] {
  return products.flatMap((product) => {
    const found = candidates(product, places).find((file) => places.isProgram(file))
    return found === undefined ? [] : [{ name: product.name, path: found }]
  })
}

/**
 * The program that a person's choice stands for, or null when it is none that can be started: not absolute, not there, no regular
 * file, not executable, or open to other users (POSIX). On macOS the choice may be the `.app` itself.
 */
export function resolveBrowser(chosen: string, places: BrowserPlaces = thisMachine): string | null {
  const { platform } = places
  const paths = platform === 'win32' ? path.win32 : path.posix
  if (!paths.isAbsolute(chosen)) return null
  const program =
    platform === 'darwin' && chosen.endsWith('.app')
      ? paths.join(chosen, 'Contents/MacOS', paths.basename(chosen, '.app'))
      : chosen
  return places.isProgram(program) ? program : null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile() && (process.getuid === undefined || isSafeFromOthers(realpathSync(file)))
  } catch {
    return false
  }
}

/** Groups whose members can become root: on macOS installers leave apps writable for `admin`. */
const isAdminGroup = (group: number): boolean => group === 0 || (process.platform === 'darwin' && group === 80)

const isOursOrRoots = ({ uid }: Stats): boolean => uid === 0 || uid === process.getuid?.()

/** Whether only root and we can say what stands at `file`: whoever may write the browser sees PINs and PRF outputs. */
function isSafeFromOthers(file: string): boolean {
  const stats = statSync(file)
  if (!isOursOrRoots(stats) || (stats.mode & 0o002) !== 0) return false
  if ((stats.mode & 0o020) !== 0 && !isAdminGroup(stats.gid)) return false
  return foldersAbove(file).every(isSafeFolder)
}

/** Sticky folders, such as the one for temporary files, let nobody take away what is another's. */
function isSafeFolder(folder: string): boolean {
  const stats = statSync(folder)
  return isOursOrRoots(stats) && ((stats.mode & 0o002) === 0 || (stats.mode & 0o1000) !== 0)
}

function foldersAbove(file: string): string[] {
  const folder = path.dirname(file)
  return folder === file ? [] : [folder, ...foldersAbove(folder)]
}

const thisMachine: BrowserPlaces = { platform: process.platform, env: process.env, isProgram }

const passedOn: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'XAUTHORITY',
    'XDG_RUNTIME_DIR',
    'XDG_SESSION_TYPE',
    'DBUS_SESSION_BUS_ADDRESS',
  ],
  win32: [
    'SystemRoot',
    'SystemDrive',
    'windir',
    'ProgramFiles',
    'ProgramFiles(x86)',
    'ProgramData',
    'LOCALAPPDATA',
    'APPDATA',
    'USERPROFILE',
    'TEMP',
    'TMP',
  ],
}
const passedOnEverywhere = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'LC_ALL', 'TMPDIR']

/**
 * What of an environment a tap host needs and its browser may see: where the screen is, who the person is, which language.
 * Nothing that changes what a browser does (`CHROMIUM_FLAGS`, `SSLKEYLOGFILE`, `LD_PRELOAD`, proxies).
 */
export function browserEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const names = [...passedOnEverywhere, ...(passedOn[platform] ?? [])]
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

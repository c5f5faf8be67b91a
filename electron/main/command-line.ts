/**
 * The command line as a gate (electron-security item 4): Chromium and Node obey dozens of switches that would take the
 * sandbox, the policy or the secrets away, so a release build starts with the few named here and refuses all others.
 */

/** What a person may ask for; nothing here weakens the app. */
const allowed: ReadonlySet<string> = new Set([
  'vault-dir',
  'user-data-dir',
  'disable-gpu',
  'force-color-profile',
  'force-dark-mode',
  'force-device-scale-factor',
  'force-high-contrast',
  'force-prefers-reduced-motion',
  'force-renderer-accessibility',
  'lang',
  'ozone-platform',
  'ozone-platform-hint',
])

/** Switches that only development builds know. */
export interface DevelopmentSwitches {
  /** One tap window lives from the start: virtual authenticators die with their page's renderer process. */
  readonly keepTapPage: boolean
  /** Answers the folder dialog. */
  readonly exportDir: string | null
}

/** The command line, understood. Paths as they were given. */
export interface CommandLine {
  readonly vaultDir: string | null
  readonly development: DevelopmentSwitches
}

/** Chromium takes one dash or two, and on Windows a slash as well; `-psn_…` is what macOS adds when Finder starts an app. */
function switchName(argument: string, platform: NodeJS.Platform): string | null {
  const prefix = platform === 'win32' ? /^(--?|\/)/ : /^--?/
  if (!prefix.test(argument)) return null
  if (platform === 'darwin' && /^-psn_\d+_\d+$/.test(argument)) return null
  return argument.replace(prefix, '').split('=', 1)[0] ?? ''
}

/** The first argument that a release build does not start with, or null. */
export function findRefusedSwitch(args: readonly string[], platform: NodeJS.Platform): string | null {
  return (
    args.find((argument) => {
      const name = switchName(argument, platform)
      return name !== null && !allowed.has(platform === 'win32' ? name.toLowerCase() : name)
    }) ?? null
  )
}

function valueOf(args: readonly string[], name: string): string | null {
  const found = args.findLast((argument) => argument.startsWith(`--${name}=`))
  return found === undefined ? null : found.slice(name.length + 3)
}

/** Reads our own switches out of `args` (without the executable). */
export function readCommandLine(args: readonly string[]): CommandLine {
  return {
    vaultDir: valueOf(args, 'vault-dir'),
    development: __DEV_BUILD__
      ? { keepTapPage: args.includes('--keep-tap-page'), exportDir: valueOf(args, 'export-dir') }
      : { keepTapPage: false, exportDir: null },
  }
}

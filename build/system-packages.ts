/**
 * Debian packages that development and tests need: the one place where any are installed. Only where that is ours to do (root on
 * Debian or Ubuntu), one at a time, and not against anybody else's apt.
 */
import { captureLater, hasCommand } from './run-command.ts'
import { say } from './say.ts'

export interface WantedPackages {
  /** For people: what is missing. */
  readonly name: string
  readonly packages: readonly string[]
  /** Whether what the packages bring is there. */
  readonly isThere: () => boolean
}

const aptArguments = ['install', '-y', '--no-install-recommends']

/** The command that a person would run. */
export const adviceFor = ({ packages }: WantedPackages): string =>
  `sudo apt-get ${[...aptArguments, ...packages].join(' ')}`

/** Whether installing packages is ours to do here. */
export const mayInstall = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && hasCommand('apt-get')

/**
 * What every command that installs runs with, also Playwright's. RUNLEVEL=1 keeps packages from starting servers of their own.
 */
const installEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  RUNLEVEL: '1',
})

/**
 * Runs `command` while no other process of ours installs: two test files, or two runs, may want to at once. Never
 * blocks: a worker that hears nothing for a minute counts as lost.
 * @returns what it complained of, when it failed
 */
export async function runInstaller(command: string, args: readonly string[]): Promise<string | null> {
  const [program, words] = hasCommand('flock')
    ? ['flock', ['/tmp/halligan-apt.lock', command, ...args]]
    : [command, args]
  const { code, stderr } = await captureLater(program, words, { env: installEnvironment() })
  return code === 0 ? null : stderr.trim()
}

/** Somebody else's apt is waited for. */
const apt = (...args: readonly string[]): Promise<string | null> =>
  runInstaller('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args])

/**
 * Installs `wanted` where it is missing and that is ours to do. May take minutes.
 * @returns whether it is there now
 */
export async function ensurePackages(wanted: WantedPackages): Promise<boolean> {
  if (wanted.isThere()) return true
  if (!mayInstall()) return false
  say(`Installing ${wanted.name} …`)
  await apt(...aptArguments, ...wanted.packages)
  if (wanted.isThere()) return true
  // What it knows of packages may be old, or nothing: a fresh container has no lists.
  await apt('update')
  const complaint = await apt(...aptArguments, ...wanted.packages)
  if (complaint !== null) say(complaint)
  return wanted.isThere()
}

/** Cuts the network for a run, so that "works with the cable pulled" is shown and not said. */
import { networkInterfaces } from 'node:os'
import { capture, runCommand } from './run-command.ts'

/** What stands between the app and the network, and in which words to say it. */
export interface NetworkBlock {
  readonly kind: 'network-namespace' | 'browser-only'
  readonly sentence: string
  /** Extra arguments that Electron must be started with. */
  readonly chromiumArgs: readonly string[]
}

const insideMark = 'HALLIGAN_NETWORK_NAMESPACE'
// As an ordinary user we stay who we are inside, or Chromium would see root and refuse its sandbox.
const ways: readonly (readonly string[])[] =
  process.getuid?.() === 0 ? [['--net']] : [['--user', '--map-current-user', '--keep-caps', '--net']]

/** SIOCSIFFLAGS on `lo` with IFF_UP|IFF_RUNNING, for systems without iproute2: perl is part of every Debian. */
const perlUp = 'socket(S,2,2,0); ioctl(S,0x8914,pack("a16sx22","lo",0x41)) or die'

function bringLoopbackUp(): void {
  const tries: readonly (readonly [string, ...string[]])[] = [
    ['ip', 'link', 'set', 'lo', 'up'],
    ['perl', '-e', perlUp],
    ['ifconfig', 'lo', 'up'],
  ]
  if (!tries.some(([command, ...args]) => capture(command, args).code === 0)) {
    throw new Error('the loopback interface cannot be brought up')
  }
}

/**
 * Runs this script again in a network namespace of its own, where the system permits it.
 * @returns its exit code, or null when we are inside already or the system does not permit it: carry on here
 */
export async function rerunWithoutNetwork(): Promise<number | null> {
  if (process.platform !== 'linux' || process.env[insideMark] === '1') return null
  const way = ways.find((args) => capture('unshare', [...args, 'true']).code === 0)
  if (way === undefined) return null
  const script = process.argv.slice(1)
  return runCommand('unshare', [...way, process.execPath, ...process.execArgv, ...script], {
    env: { ...process.env, [insideMark]: '1' },
  })
}

/** The block in force for this process; looks, rather than trusts that one was asked for. */
export function establishNetworkBlock(): NetworkBlock {
  if (process.env[insideMark] === '1') {
    bringLoopbackUp()
    const others = Object.keys(networkInterfaces()).filter((name) => name !== 'lo')
    if (others.length > 0) throw new Error(`the network namespace has ${others.join(', ')}`)
    const sentence = 'Network: none. This runs in a network namespace that holds only the loopback interface.'
    return { kind: 'network-namespace', sentence, chromiumArgs: [] }
  }
  const rules = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]'
  return {
    kind: 'browser-only',
    sentence: 'Network: blocked inside the app only (this system permits no network namespace): no name resolves.',
    chromiumArgs: [`--host-resolver-rules=${rules}`],
  }
}

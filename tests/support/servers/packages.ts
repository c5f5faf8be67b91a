/**
 * Real servers come from Debian packages. Root installs what is missing (as build/system-libraries.ts does for Electron);
 * where that is not ours to do, the tests that need them are skipped and say why.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { captureLater, hasCommand } from '../../../build/run-command.ts'
import { say } from '../../../build/say.ts'

/** A server's programs, and the packages that bring them. */
interface Wanted {
  readonly name: string
  readonly find: () => boolean
  readonly packages: readonly string[]
}

/** The newest PostgreSQL's folder of programs, or null: Debian keeps them off the PATH, several versions side by side. */
export function findPostgresPrograms(): string | null {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return null
  const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a))
  return (
    versions.map((version) => path.join(base, version, 'bin')).find((dir) => existsSync(path.join(dir, 'initdb'))) ??
    null
  )
}

const gnutlsDriver = (): boolean =>
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].some((dir) =>
    existsSync(path.join(dir, 'rsyslog/lmnsd_gtls.so')),
  )

export const wantedServers = {
  postgresql: { name: 'PostgreSQL', find: () => findPostgresPrograms() !== null, packages: ['postgresql'] },
  rsyslog: {
    name: 'rsyslog with TLS',
    find: () => existsSync('/usr/sbin/rsyslogd') && gnutlsDriver(),
    packages: ['rsyslog', 'rsyslog-gnutls'],
  },
  poppler: {
    name: 'poppler-utils',
    find: () => ['pdfinfo', 'pdftotext', 'pdftoppm'].every(hasCommand),
    packages: ['poppler-utils'],
  },
} as const satisfies Record<string, Wanted>

async function apt(args: readonly string[]): Promise<void> {
  // RUNLEVEL=1 keeps the packages from starting servers of their own. Two test files may want to install at once.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  // Later, not at once: a worker that hears nothing for a minute counts as lost.
  await captureLater('flock', ['/tmp/halligan-apt.lock', 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args], { env })
}

/** Why `wanted` cannot be had here, or null when it is there (now). Root may install for a minute: for the top of a test file, which no time-out hurries. */
export async function findReasonToSkip(wanted: Wanted): Promise<string | null> {
  if (process.platform !== 'linux') return `${wanted.name} is tested on Linux only`
  if (!hasCommand('openssl')) return 'openssl is missing'
  if (wanted.find()) return null
  const command = `apt-get install -y --no-install-recommends ${wanted.packages.join(' ')}`
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) return `${wanted.name} is missing; run: sudo ${command}`
  say(`Installing ${wanted.name} for its tests …`)
  const install = ['install', '-y', '--no-install-recommends', ...wanted.packages]
  await apt(install)
  if (!wanted.find()) {
    // A fresh container has no package lists.
    await apt(['update'])
    await apt(install)
  }
  return wanted.find() ? null : `${wanted.name} is missing and could not be installed; run: ${command}`
}

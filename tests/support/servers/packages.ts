/**
 * Real servers come from Debian packages. Root installs what is missing (build/system-packages.ts);
 * where that is not ours to do, the tests that need them are skipped and say why.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { hasCommand } from '../../../build/run-command.ts'
import { adviceFor, ensurePackages, type WantedPackages } from '../../../build/system-packages.ts'

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

/** Why `wanted` cannot be had here, or null when it is there (now). Root may install for a minute: for the top of a test file, which no time-out hurries. */
export async function findReasonToSkip({ name, find, packages }: Wanted): Promise<string | null> {
  if (process.platform !== 'linux') return `${name} is tested on Linux only`
  if (!hasCommand('openssl')) return 'openssl is missing'
  const wanted: WantedPackages = { name: `${name} for its tests`, packages, isThere: find }
  return (await ensurePackages(wanted)) ? null : `${name} is missing; run: ${adviceFor(wanted)}`
}

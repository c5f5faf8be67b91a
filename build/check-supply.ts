/** What is checked about the packages we build on: pinned exactly, from the registry only, Electron of a supported major. */
import { readFileSync } from 'node:fs'
import { fromRoot } from './paths.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
}

interface Lockfile {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, LockedPackage>>
}

const exactVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/
const registry = 'https://registry.npmjs.org/'

/** Dependencies that are not pinned to one exact version: a range installs what nobody has looked at. */
export function findLoosePins(manifest: Manifest): string[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies }
  return Object.entries(all)
    .filter(([, version]) => !exactVersion.test(version))
    .map(([name, version]) => `${name} is pinned to "${version}", not to one exact version`)
}

/** Locked packages that come from elsewhere than the npm registry, or whose bytes the lock file does not fix. */
export function findForeignPackages(lockfile: Lockfile): string[] {
  return Object.entries(lockfile.packages).flatMap(([where, locked]) => {
    if (where === '') return []
    const complaints: string[] = []
    // Without `resolved` npm asks the configured registry, and `integrity` still fixes the bytes.
    if (locked.link === true || (locked.resolved !== undefined && !locked.resolved.startsWith(registry))) {
      complaints.push(`${where} comes from ${locked.resolved ?? 'a link'}`)
    }
    if (locked.integrity?.startsWith('sha512-') !== true) complaints.push(`${where} has no sha512 integrity`)
    return complaints
  })
}

/** Electron's newest major when this was last looked at. Electron supports its latest three. */
const electronNow = { major: 45, lookedAt: '2026-11' }

/** Why the pinned Electron is out of support, or null. Offline we only know what was noted: raise it with each update. */
export function findElectronTooOld(manifest: Manifest): string | null {
  const version = manifest.devDependencies?.['electron'] ?? 'missing'
  const isSupported = Number.parseInt(version, 10) > electronNow.major - 3
  return isSupported ? null : `electron ${version} is out of support: ${electronNow.lookedAt} had ${electronNow.major}`
}

/** Reads the two files of this checkout. */
export function readSupply(): { readonly manifest: Manifest; readonly lockfile: Lockfile } {
  const read = (name: string): unknown => JSON.parse(readFileSync(fromRoot(name), 'utf8'))
  return { manifest: read('package.json') as Manifest, lockfile: read('package-lock.json') as Lockfile }
}

/** Every version of every credential that the log says exists, and where it is: sealed, sealed anew, destroyed. */
import type { RequestStatement } from '../domain/statements.ts'

/** A version as it was sealed, or sealed anew, last. */
export interface SealedVersion {
  readonly safe: string
  readonly version: number
  readonly name: string
  /** Record hash, base64url. */
  readonly record: string
}

export interface VersionLedger {
  /** The newest version; undefined when there is none. */
  readonly newest: (credential: string) => SealedVersion | undefined
  readonly find: (credential: string, version: number) => SealedVersion | undefined
  /** Puts a version in the place of the one with its number, if there is one. */
  readonly put: (credential: string, sealed: SealedVersion) => void
  readonly destroy: (credential: string, version: number) => void
  /** Everything that exists. */
  readonly all: () => Iterable<readonly [credential: string, SealedVersion]>
}

/**
 * What does not fit between a request and what is sealed, in plain words; null when it fits. An older version may be asked for (a
 * rotation that stopped halfway), but never as if it were the newest.
 */
export function checkAskedVersion(
  versions: Pick<VersionLedger, 'newest' | 'find'>,
  { credential, version, newest, record, safe }: RequestStatement,
  credentialName: string,
): string | null {
  const sealed = versions.find(credential, version)
  const isThere = sealed?.record === record && sealed.safe === safe
  if (!isThere) return 'names a version or record that is not there'
  if (sealed.name !== credentialName) return `it was sealed as "${sealed.name}"`
  const last = versions.newest(credential)?.version ?? version
  if (last === version) return newest === undefined ? null : 'says that its version is not the newest, and it is'
  return newest === last ? null : `does not say that version ${last} is the newest`
}

/** Nothing sealed yet. */
export function createVersionLedger(): VersionLedger {
  const credentials = new Map<string, Map<number, SealedVersion>>()
  return {
    newest: (credential) => {
      let newest: SealedVersion | undefined
      for (const sealed of credentials.get(credential)?.values() ?? []) {
        if (newest === undefined || sealed.version > newest.version) newest = sealed
      }
      return newest
    },
    find: (credential, version) => credentials.get(credential)?.get(version),
    put: (credential, sealed) => {
      const versions = credentials.get(credential) ?? new Map<number, SealedVersion>()
      credentials.set(credential, versions.set(sealed.version, sealed))
    },
    destroy: (credential, version) => {
      credentials.get(credential)?.delete(version)
    },
    *all() {
      for (const [credential, versions] of credentials) {
        for (const sealed of versions.values()) yield [credential, sealed] as const
      }
    },
  }
}

/** Every version of every credential that the log says exists, and where it is: sealed, sealed anew, destroyed. */

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

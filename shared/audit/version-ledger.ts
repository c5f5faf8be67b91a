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
  /** All versions of a credential that exist, in any order. */
  readonly of: (credential: string) => Iterable<SealedVersion>
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

/** The versions of one credential. */
interface Versions {
  readonly sealed: Map<number, SealedVersion>
  /** Binary heap of every number in `sealed`, the greatest first; numbers that are gone leave it when they come to the top. */
  readonly numbers: number[]
}

/** Puts `number` into the heap. */
function pushNumber(heap: number[], number: number): void {
  let at = heap.push(number) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] ?? 0
    if (above >= number) break
    heap[at] = above
    at = parent
  }
  heap[at] = number
}

/** Takes the greatest number off the heap. */
function popNumber(heap: number[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const greater = (heap[left + 1] ?? 0) > (heap[left] ?? 0) ? left + 1 : left
    const below = heap[greater]
    if (below === undefined || below <= last) break
    heap[at] = below
    at = greater
  }
  heap[at] = last
}

/** Nothing sealed yet. Whatever the order in which a log seals and destroys, no step takes longer than the heap is deep. */
export function createVersionLedger(): VersionLedger {
  const credentials = new Map<string, Versions>()
  return {
    newest: (credential) => {
      const { sealed, numbers } = credentials.get(credential) ?? {
        sealed: new Map<number, SealedVersion>(),
        numbers: [],
      }
      while (numbers[0] !== undefined && !sealed.has(numbers[0])) popNumber(numbers)
      return numbers[0] === undefined ? undefined : sealed.get(numbers[0])
    },
    find: (credential, version) => credentials.get(credential)?.sealed.get(version),
    of: (credential) => credentials.get(credential)?.sealed.values() ?? [],
    put: (credential, version) => {
      const versions = credentials.get(credential) ?? { sealed: new Map<number, SealedVersion>(), numbers: [] }
      credentials.set(credential, versions)
      if (!versions.sealed.has(version.version)) pushNumber(versions.numbers, version.version)
      versions.sealed.set(version.version, version)
    },
    destroy: (credential, version) => {
      credentials.get(credential)?.sealed.delete(version)
    },
    *all() {
      for (const [credential, { sealed }] of credentials) {
        for (const version of sealed.values()) yield [credential, version] as const
      }
    },
  }
}

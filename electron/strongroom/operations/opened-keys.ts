/** Secret keys of old custodians, kept from their touches until every record is sealed anew. */
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { SecretKeeper } from '../secret-keeper.ts'
import { findSafe } from '../trust/manifests.ts'
import type { OldRecord } from './reshare-plan.ts'

export interface OpenedKeys {
  /** Whether this person's key would still help in that safe. */
  readonly needs: (safe: string, person: string) => boolean
  /** Keeps a copy; the caller still owns and wipes its own. */
  readonly keep: (safe: string, person: string, secretKey: Uint8Array) => void
  /** How many more people it takes at least, in the safe that lacks most. */
  readonly missing: () => number
  /** Of one safe, in the order in which they came. */
  readonly of: (safe: string) => ReadonlyMap<string, SecretBytes>
  readonly wipe: () => void
}

/** None opened yet. */
export function createOpenedKeys(
  { keep }: SecretKeeper,
  current: Manifest,
  records: readonly Pick<OldRecord, 'from' | 'lost'>[],
): OpenedKeys {
  const safes = new Map(
    [...new Set(records.map(({ from }) => from))].map((safe) => [
      safe,
      {
        threshold: findSafe(current, safe).threshold,
        // Records all of whose boxes are sound ask for the same; a damaged one asks for others.
        lost: [
          new Set<string>(),
          ...records.filter((one) => one.from === safe && one.lost.size > 0).map((one) => one.lost),
        ],
        keys: new Map<string, SecretBytes>(),
      },
    ]),
  )
  const missingIn = (safe: string): number => {
    const held = safes.get(safe)
    if (held === undefined) return 0
    const able = held.lost.map((lost) => [...held.keys.keys()].filter((person) => !lost.has(person)).length)
    return Math.max(0, held.threshold - Math.min(...able))
  }
  return {
    needs: (safe, person) => missingIn(safe) > 0 && safes.get(safe)?.keys.has(person) === false,
    keep: (safe, person, secretKey) => {
      safes.get(safe)?.keys.set(person, keep(secretKey.slice()))
    },
    missing: () => Math.max(0, ...[...safes.keys()].map(missingIn)),
    of: (safe) => safes.get(safe)?.keys ?? new Map<string, SecretBytes>(),
    wipe: () => {
      for (const { keys } of safes.values()) for (const key of keys.values()) key.wipe()
    },
  }
}

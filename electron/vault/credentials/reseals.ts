/**
 * Which records were sealed anew to other custodians, and what vouches for each: the joint statement, its taps, and the record's
 * place under the root. Learned from the log, entry by entry.
 */
import type { Entry, EntryData, EntryType } from '../../../shared/audit/entry.ts'
import { nodeHash } from '../../../shared/audit/merkle.ts'
import { proveInclusion } from '../../../shared/audit/proofs.ts'
import { compareVersions, resealedLeaf } from '../../../shared/audit/records.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import type { Primitives } from '../../../shared/primitives.ts'

type Resealed = NonNullable<VouchedRecord['resealed']>

/** What became of one sealed version. */
export interface Reseal {
  /** The safe that it is in. */
  readonly safe: string
  /** Hash of the record as it is now. */
  readonly record: string
  /** The joint statement under which it was sealed anew last. */
  readonly act: string
  /** Everybody who ever lost a share of this version: the secret itself is no other. */
  readonly leavers: readonly string[]
  /** When somebody left last; null while nobody has. */
  readonly leftAt: string | null
}

export interface Reseals {
  readonly apply: (entry: Entry) => void
  /** Undefined when the version is as it was sealed. */
  readonly find: (credential: string, version: number) => Reseal | undefined
  /** What proves to a strongroom that the version's present record is the one that its custodians checked; null when it was not sealed anew. */
  readonly vouch: (primitives: Primitives, credential: string, version: number) => Resealed | null
}

/** Entry types that {@link Reseals.apply} learns from. */
export const resealTypes = [
  'joint.opened',
  'joint.signed',
  'credential.resealed',
] as const satisfies readonly EntryType[]

type ResealedData = EntryData<'credential.resealed'>

interface Act {
  readonly statement: JointStatement
  readonly taps: Tap[]
  readonly resealed: ResealedData[]
  /** Made when the first proof is asked for. */
  tree: Tree | null
}

interface Tree {
  /** Roots of all perfect subtrees, level by level. */
  readonly levels: readonly Uint8Array[][]
  /** Number of the leaf of each version. */
  readonly places: ReadonlyMap<string, number>
}

const idOf = (credential: string, version: number): string => `${credential} ${version}`

/** Every level of the tree over `leaves`, each node over a whole power of two of them. */
function buildLevels(primitives: Primitives, leaves: Uint8Array[]): Uint8Array[][] {
  const levels = [leaves]
  for (let level = leaves; level.length > 1;) {
    const above: Uint8Array[] = []
    for (let at = 0; at + 1 < level.length; at += 2) {
      above.push(nodeHash(primitives, level[at] ?? new Uint8Array(), level[at + 1] ?? new Uint8Array()))
    }
    levels.push(above)
    level = above
  }
  return levels
}

/** RFC 6962 root over leaves `start` to `end` (exclusive), whole subtrees taken from `levels`. */
function rootOf(
  primitives: Primitives,
  levels: readonly Uint8Array[][],
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const size = end - start
  const level = Math.floor(Math.log2(size))
  const whole = 2 ** level
  const known = size === whole ? levels[level]?.[start / whole] : undefined
  if (known !== undefined) return new Uint8Array(known)
  const split = size === whole ? whole / 2 : whole
  return nodeHash(
    primitives,
    rootOf(primitives, levels, start, start + split),
    rootOf(primitives, levels, start + split, end),
  )
}

function plantTree(primitives: Primitives, resealed: readonly ResealedData[]): Tree {
  const sorted = resealed.toSorted(compareVersions)
  return {
    levels: buildLevels(
      primitives,
      sorted.map((one) => resealedLeaf(primitives, one, one.record)),
    ),
    places: new Map(sorted.map(({ credential, version }, at) => [idOf(credential, version), at])),
  }
}

export function createReseals(): Reseals {
  const acts = new Map<string, Act>()
  const reseals = new Map<string, Reseal>()

  function apply({ type, at, data }: Entry): void {
    switch (type) {
      case 'joint.opened':
        if (data.statement.detail.kind === 'reshare') {
          acts.set(data.statement.act, { statement: data.statement, taps: [], resealed: [], tree: null })
        }
        return
      case 'joint.signed': {
        const { act, person, key, assertion } = data
        acts.get(act)?.taps.push({ person, key, assertion })
        return
      }
      case 'credential.resealed': {
        const { credential, version, safe, record, act, leavers } = data
        const id = idOf(credential, version)
        const before = reseals.get(id)
        const leftAt = leavers.length > 0 ? at : (before?.leftAt ?? null)
        const gone = [...new Set([...(before?.leavers ?? []), ...leavers])]
        reseals.set(id, { safe, record, act, leavers: gone, leftAt })
        acts.get(act)?.resealed.push(data)
        return
      }
      default:
      // The other types do not change who holds a record.
    }
  }

  function vouch(primitives: Primitives, credential: string, version: number): Resealed | null {
    const reseal = reseals.get(idOf(credential, version))
    const act = reseal === undefined ? undefined : acts.get(reseal.act)
    if (act === undefined) return null
    act.tree ??= plantTree(primitives, act.resealed)
    const { tree, statement, taps, resealed } = act
    const index = tree.places.get(idOf(credential, version)) ?? -1
    const proof = proveInclusion((start, end) => rootOf(primitives, tree.levels, start, end), index, resealed.length)
    return { statement, taps: [...taps], index, proof: proof.map(toBase64Url) }
  }

  return { apply, find: (credential, version) => reseals.get(idOf(credential, version)), vouch }
}

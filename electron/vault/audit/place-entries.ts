/** Gives new entries their place: number, time, link to the one before, leaf in the tree. Pure. */
import { toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { Entry, NewEntry } from '../../../shared/audit/entry.ts'
import { appendLeaf, leafHash, type MerkleTree } from '../../../shared/audit/merkle.ts'
import type { Primitives } from '../../../shared/primitives.ts'

/** Difference between what the two clocks say has passed, above which somebody or something moved the wall clock. */
const clockToleranceMs = 5000

/** Where the log stands: what the next entry continues. */
export interface Tip {
  readonly tree: MerkleTree
  /** Leaf hash of the last entry; 32 zero bytes when there is none. */
  readonly last: Uint8Array<ArrayBuffer>
  readonly lastAt: string | null
  /** Both clocks at the last append of this boot; null when there was none yet. */
  readonly clocks: { readonly wall: number; readonly monotonic: number } | null
}

/** What does not change while this process lives. */
export interface Boot {
  readonly boot: string
  readonly station: string
}

export interface PlacedEntry {
  readonly entry: Entry
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Placement {
  readonly placed: readonly PlacedEntry[]
  readonly tip: Tip
}

/**
 * Places `entries` after `tip`, all at one moment. When the wall clock has moved against the monotonic one since the last
 * append, a `clock.jumped` entry comes first: times in the log can then be read with the right doubt.
 * @param now both clocks in ms; `monotonic` since this boot began
 */
export function placeEntries(
  primitives: Pick<Primitives, 'sha256'>,
  { boot, station }: Boot,
  tip: Tip,
  now: { readonly wall: number; readonly monotonic: number },
  entries: readonly NewEntry[],
): Placement {
  const byMs = tip.clocks === null ? 0 : now.wall - tip.clocks.wall - (now.monotonic - tip.clocks.monotonic)
  const jumped: NewEntry[] =
    Math.abs(byMs) > clockToleranceMs ? [{ type: 'clock.jumped', actor: { kind: 'station' }, data: { byMs } }] : []
  const at = toTimestamp(now.wall)
  let { tree, last } = tip
  const placed: PlacedEntry[] = []
  for (const { type, actor, data } of [...jumped, ...entries]) {
    const place = { seq: tree.size, at, monotonic: now.monotonic, boot, station, actor, prev: toBase64Url(last) }
    // The pair of type and data comes from one NewEntry; spreading it makes the compiler forget that.
    const entry = { ...place, type, data } as Entry
    const bytes = canonicalBytes(entry)
    last = leafHash(primitives, bytes)
    tree = appendLeaf(primitives, tree, last)
    placed.push({ entry, bytes })
  }
  return { placed, tip: { tree, last, lastAt: at, clocks: now } }
}

/** A whole tree in memory, 64 bytes a leaf: proofs of many leaves in one go, each in O(log n) hashes. */
import type { Primitives } from '../primitives.ts'
import { leafHash, nodeHash, emptyRoot } from './merkle.ts'
import type { RangeRoot } from './proofs.ts'

const hashBytes = 32

/** Hashes of one level, left to right. */
interface Level {
  hashes: Uint8Array<ArrayBuffer>
  count: number
}

export interface TreeNodes {
  readonly size: () => number
  /** Appends the leaf of an entry. */
  readonly add: (entryBytes: Uint8Array) => void
  /** Root of leaves `start`..`end`-1, for {@link proveInclusion} and {@link proveConsistency}. */
  readonly rangeRoot: RangeRoot
}

function push(level: Level, hash: Uint8Array): void {
  const at = level.count++ * hashBytes
  if (at === level.hashes.length) {
    const larger = new Uint8Array(level.hashes.length * 2)
    larger.set(level.hashes)
    level.hashes = larger
  }
  level.hashes.set(hash, at)
}

const hashAt = (level: Level, index: number): Uint8Array<ArrayBuffer> =>
  level.hashes.slice(index * hashBytes, (index + 1) * hashBytes)

/** Every perfect subtree's root is kept; ranges that are none are folded from those. */
export function createTreeNodes(primitives: Pick<Primitives, 'sha256'>): TreeNodes {
  const levels: Level[] = []
  let size = 0

  const levelAt = (height: number): Level => (levels[height] ??= { hashes: new Uint8Array(64 * hashBytes), count: 0 })

  function rangeRoot(start: number, end: number): Uint8Array<ArrayBuffer> {
    const length = end - start
    if (length === 0) return emptyRoot(primitives)
    let half = 1
    let height = 0
    while (half * 2 < length) {
      half *= 2
      height++
    }
    if (length === 1) return hashAt(levelAt(0), start)
    // RFC 6962 ranges start at multiples of their own split: a full one is a node that is there.
    if (half * 2 === length && start % length === 0) return hashAt(levelAt(height + 1), start / length)
    return nodeHash(primitives, rangeRoot(start, start + half), rangeRoot(start + half, end))
  }

  return {
    size: () => size,
    add: (entryBytes) => {
      let hash = leafHash(primitives, entryBytes)
      push(levelAt(0), hash)
      for (let height = 0; levelAt(height).count % 2 === 0; height++) {
        const below = levelAt(height)
        hash = nodeHash(primitives, hashAt(below, below.count - 2), hash)
        push(levelAt(height + 1), hash)
      }
      size++
    },
    rangeRoot,
  }
}

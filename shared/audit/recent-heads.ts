/** The log's tree at its latest sizes, for checking the head that a tap co-signed (docs/format.md, section 4). */
import { toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { treeRoot, type MerkleTree } from './merkle.ts'

/** A statement's head may be at most this many entries older than the entry that carries the statement. */
export const headAgeMax = 8192

export interface RecentHeads {
  readonly add: (tree: MerkleTree) => void
  /** Root at `size`, base64url; undefined when it is older than remembered or not reached yet. */
  readonly rootAt: (size: number) => string | undefined
}

export function createRecentHeads(primitives: Pick<Primitives, 'sha256'>): RecentHeads {
  const capacity = headAgeMax + 1
  const ring: (MerkleTree | undefined)[] = []
  return {
    add: (tree) => {
      ring[tree.size % capacity] = tree
    },
    rootAt: (size) => {
      const tree = ring[size % capacity]
      return tree?.size === size ? toBase64Url(treeRoot(primitives, tree)) : undefined
    },
  }
}

/** The log's tree at its latest sizes, for checking the heads that entries speak of (docs/format.md, sections 4 and 5). */
import { toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { appendLeaf, treeRoot, type MerkleTree } from './merkle.ts'

/** A statement's head may be at most this many entries older than the entry that carries the statement. */
export const headAgeMax = 8192

/** Every so many sizes the tree is kept; those in between are grown again from leaves. Keeping all costs more than anybody asks. */
const stride = 16
const hashBytes = 32

export interface RecentHeads {
  /** The tree after each entry, and that entry's leaf hash; first the empty tree. */
  readonly add: (tree: MerkleTree, leaf: Uint8Array) => void
  /** Root at `size`, base64url; undefined when it is older than remembered or not reached yet. */
  readonly rootAt: (size: number) => string | undefined
  /** Leaf hash of the entry at `seq`, base64url; undefined likewise. */
  readonly leafAt: (seq: number) => string | undefined
}

export function createRecentHeads(primitives: Pick<Primitives, 'sha256'>): RecentHeads {
  const leafCount = headAgeMax + 2 * stride
  const leaves = new Uint8Array(leafCount * hashBytes)
  const kept: (MerkleTree | undefined)[] = []
  const keptCount = leafCount / stride
  let current = -1
  return {
    add: (tree, leaf) => {
      current = tree.size
      if (current > 0) leaves.set(leaf, ((current - 1) % leafCount) * hashBytes)
      if (current % stride === 0) kept[(current / stride) % keptCount] = tree
    },
    leafAt: (seq) => {
      if (seq >= current || seq < 0 || seq < current - headAgeMax - 1) return undefined
      const at = (seq % leafCount) * hashBytes
      return toBase64Url(leaves.subarray(at, at + hashBytes))
    },
    rootAt: (size) => {
      if (size > current || size < 0 || size < current - headAgeMax) return undefined
      let tree = kept[Math.floor(size / stride) % keptCount]
      while (tree !== undefined && tree.size < size) {
        const at = (tree.size % leafCount) * hashBytes
        tree = appendLeaf(primitives, tree, leaves.slice(at, at + hashBytes))
      }
      return tree?.size === size ? toBase64Url(treeRoot(primitives, tree)) : undefined
    },
  }
}

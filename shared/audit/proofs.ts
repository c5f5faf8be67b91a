/**
 * Inclusion and consistency proofs: made as in RFC 6962 sections 2.1.1 and 2.1.2, verified as in RFC 9162 sections
 * 2.1.3.2 and 2.1.4.2.
 */
import { sameBytes } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { emptyRoot, nodeHash } from './merkle.ts'

type Hash = Uint8Array<ArrayBuffer>
type Sha256 = Pick<Primitives, 'sha256'>

/** Root of leaves `start`..`end`-1: from the leaves themselves, or from nodes that somebody kept. */
export type RangeRoot = (start: number, end: number) => Hash

/** Largest power of two smaller than `size` (size ≥ 2). */
function splitPoint(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/**
 * Audit path of leaf `index` in the tree of `size` leaves, nearest sibling first.
 * @throws RangeError when `index` is not below `size`.
 */
export function proveInclusion(rootOf: RangeRoot, index: number, size: number): Hash[] {
  if (!(index >= 0 && index < size)) throw new RangeError('no such leaf')
  const path: Hash[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      path.unshift(rootOf(middle, end))
      end = middle
    } else {
      path.unshift(rootOf(start, middle))
      start = middle
    }
  }
  return path
}

/** True when `path` shows that `leaf` is leaf `index` of the tree of `size` leaves with this `root`. */
export function verifyInclusion(
  primitives: Sha256,
  claim: { readonly leaf: Hash; readonly index: number; readonly size: number; readonly root: Uint8Array },
  path: readonly Hash[],
): boolean {
  if (!(claim.index >= 0 && claim.index < claim.size)) return false
  let node = claim.index
  let last = claim.size - 1
  let hash = claim.leaf
  for (const sibling of path) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(primitives, sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(primitives, hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && sameBytes(hash, claim.root)
}

/**
 * Roots of the log right before and right after a leaf, from its audit path: the siblings on the left are the subtrees that
 * the leaves before it divide into.
 * @param claim one that {@link verifyInclusion} holds true with this path
 */
export function rootsBeside(
  primitives: Sha256,
  claim: { readonly leaf: Hash; readonly index: number; readonly size: number },
  path: readonly Hash[],
): { readonly before: Hash; readonly after: Hash } {
  let before: Hash | undefined
  let after = claim.leaf
  let node = claim.index
  let last = claim.size - 1
  for (const sibling of path) {
    // At the right edge a subtree moves up levels at which it has no sibling.
    while (node === last && node % 2 === 0 && node !== 0) {
      node = Math.floor(node / 2)
      last = Math.floor(last / 2)
    }
    if (node % 2 === 1) {
      before = before === undefined ? sibling : nodeHash(primitives, sibling, before)
      after = nodeHash(primitives, sibling, after)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return { before: before ?? emptyRoot(primitives), after }
}

/**
 * Proof that the tree of `oldSize` leaves is a prefix of the one of `newSize` leaves.
 * @throws RangeError unless 0 ≤ oldSize ≤ newSize.
 */
export function proveConsistency(rootOf: RangeRoot, oldSize: number, newSize: number): Hash[] {
  if (!(oldSize >= 0 && oldSize <= newSize)) throw new RangeError('sizes in the wrong order')
  if (oldSize === 0 || oldSize === newSize) return []
  const proof: Hash[] = []
  let [start, end] = [0, newSize]
  // SUBPROOF of RFC 6962: `whole` says that the subtree in hand is a complete subtree of the old tree's own.
  let whole = true
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start)
    if (oldSize <= middle) {
      proof.unshift(rootOf(middle, end))
      end = middle
    } else {
      proof.unshift(rootOf(start, middle))
      start = middle
      whole = false
    }
  }
  if (!whole) proof.unshift(rootOf(start, end))
  return proof
}

/** True when `proof` shows that the tree with `newRoot` only adds leaves to the one with `oldRoot`. */
export function verifyConsistency(
  primitives: Sha256,
  older: { readonly size: number; readonly root: Hash },
  newer: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (older.size > newer.size) return false
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root)
  if (older.size === 0) return proof.length === 0 && sameBytes(older.root, emptyRoot(primitives))
  let node = older.size - 1
  let last = newer.size - 1
  while (node % 2 === 1) {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  // A power of two: the old root itself is a subtree of the new tree and starts the path.
  const path = node === 0 ? [older.root, ...proof] : proof
  const [first, ...rest] = path
  if (first === undefined) return false
  let oldHash = first
  let newHash = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(primitives, sibling, oldHash)
      newHash = nodeHash(primitives, sibling, newHash)
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2)
        last = Math.floor(last / 2)
      }
    } else {
      newHash = nodeHash(primitives, newHash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && sameBytes(oldHash, older.root) && sameBytes(newHash, newer.root)
}

/**
 * The Merkle tree of RFC 6962 section 2.1, grown one leaf at a time. The state is the list of roots of the perfect
 * subtrees that make up the tree (a "compact range"): O(log n) hashes, and O(1) amortised work per leaf.
 */
import { fromBase64Url, toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'

type Hash = Uint8Array<ArrayBuffer>
type Sha256 = Pick<Primitives, 'sha256'>

/** Reused for every hash input: hashing is synchronous, and a fresh array per entry would double the time. */
let leafInput = new Uint8Array(4096)
const nodeInput = new Uint8Array(65)
nodeInput[0] = 0x01

/** SHA-256(0x00 ‖ entry bytes): leaf of the tree and `prev` of the next entry. */
export function leafHash({ sha256 }: Sha256, entryBytes: Uint8Array): Hash {
  const length = entryBytes.length + 1
  if (length > leafInput.length) leafInput = new Uint8Array(length * 2)
  leafInput.set(entryBytes, 1)
  return sha256(leafInput.subarray(0, length))
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash({ sha256 }: Sha256, left: Uint8Array, right: Uint8Array): Hash {
  nodeInput.set(left, 1)
  nodeInput.set(right, 33)
  return sha256(nodeInput)
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot = ({ sha256 }: Sha256): Hash => sha256(new Uint8Array(0))

/**
 * Roots of the perfect subtrees, smallest (rightmost) first. Immutable and shared between sizes, so that remembering an
 * earlier size costs one reference.
 */
interface Peak {
  readonly hash: Hash
  /** log2 of the number of its leaves. */
  readonly level: number
  readonly larger: Peak | undefined
}

/** A tree of one size. */
export interface MerkleTree {
  readonly size: number
  readonly peaks: Peak | undefined
}

export const emptyTree: MerkleTree = { size: 0, peaks: undefined }

/** `tree` with one more leaf. */
export function appendLeaf(primitives: Sha256, tree: MerkleTree, leaf: Hash): MerkleTree {
  let hash = leaf
  let level = 0
  let larger = tree.peaks
  while (larger?.level === level) {
    hash = nodeHash(primitives, larger.hash, hash)
    level++
    larger = larger.larger
  }
  return { size: tree.size + 1, peaks: { hash, level, larger } }
}

/** RFC 6962 root: the peaks folded from the right. */
export function treeRoot(primitives: Sha256, tree: MerkleTree): Hash {
  if (tree.peaks === undefined) return emptyRoot(primitives)
  let root = tree.peaks.hash
  for (let peak = tree.peaks.larger; peak !== undefined; peak = peak.larger) {
    root = nodeHash(primitives, peak.hash, root)
  }
  return root
}

/** A tree as it is kept between runs: hashes base64url, largest subtree first. */
export interface SavedTree {
  readonly size: number
  readonly hashes: readonly string[]
}

export function saveTree(tree: MerkleTree): SavedTree {
  const hashes: string[] = []
  for (let peak = tree.peaks; peak !== undefined; peak = peak.larger) hashes.unshift(toBase64Url(peak.hash))
  return { size: tree.size, hashes }
}

/**
 * Inverse of {@link saveTree}.
 * @throws RangeError when the number of hashes does not fit the size.
 */
export function restoreTree(saved: SavedTree): MerkleTree {
  const levels: number[] = []
  // Sizes reach 2^53, past what bit operators can take.
  for (let rest = saved.size, level = 0; rest > 0; rest = Math.floor(rest / 2), level++) {
    if (rest % 2 === 1) levels.unshift(level)
  }
  if (!Number.isSafeInteger(saved.size) || saved.size < 0 || levels.length !== saved.hashes.length) {
    throw new RangeError('saved tree: hashes do not fit the size')
  }
  let peaks: Peak | undefined
  for (const [index, level] of levels.entries()) {
    const hash = fromBase64Url(saved.hashes[index] ?? '')
    if (hash.length !== 32) throw new RangeError('saved tree: a hash is not 32 bytes')
    peaks = { hash, level, larger: peaks }
  }
  return { size: saved.size, peaks }
}

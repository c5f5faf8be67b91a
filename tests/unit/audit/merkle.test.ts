/** The tree against RFC 6962: published roots, a naive tree, and proofs of everything in small trees. */
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { appendLeaf, emptyTree, leafHash, restoreTree, saveTree, treeRoot } from '../../../shared/audit/merkle.ts'
import { proveConsistency, proveInclusion, verifyConsistency, verifyInclusion } from '../../../shared/audit/proofs.ts'
import { createTreeNodes, type TreeNodes } from '../../../shared/audit/tree-nodes.ts'
import { concatBytes, toHex } from '../../../shared/bytes.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1000 : 100
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** Leaves and roots of sizes 0 to 8: certificate-transparency, merkletree test data (RFC 6962). */
const published = {
  leaves: ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'],
  roots: [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
  inclusionOf5in8: [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ],
  consistencyOf2in5: [
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ],
}

/** MTH of RFC 6962 section 2.1, word for word, with another library's hash. */
function naiveRoot(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256(new Uint8Array(0))
  if (entries.length === 1) return sha256(concatBytes(Uint8Array.of(0), entries[0]!))
  let k = 1
  while (k * 2 < entries.length) k *= 2
  return sha256(concatBytes(Uint8Array.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k))))
}

const grow = (entries: readonly Uint8Array[]) =>
  entries.reduce((tree, entry) => appendLeaf(nodePrimitives, tree, leafHash(nodePrimitives, entry)), emptyTree)

const numbered = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => Uint8Array.of(at, at >> 8, 7))

function nodesOf(entries: readonly Uint8Array[]): TreeNodes {
  const nodes = createTreeNodes(nodePrimitives)
  for (const entry of entries) nodes.add(entry)
  return nodes
}

describe('the tree', () => {
  const entries = published.leaves.map(fromHex)

  it('has the published roots', () => {
    for (const [size, root] of published.roots.entries()) {
      expect(toHex(treeRoot(nodePrimitives, grow(entries.slice(0, size))))).toBe(root)
    }
  })

  it('makes the published proofs', () => {
    const { rangeRoot } = nodesOf(entries)
    expect(proveInclusion(rangeRoot, 5, 8).map(toHex)).toEqual(published.inclusionOf5in8)
    expect(proveConsistency(rangeRoot, 2, 5).map(toHex)).toEqual(published.consistencyOf2in5)
  })

  it(`grown leaf by leaf equals the naive tree, also when saved and restored on the way (${runs} runs)`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 70 }), fc.nat(70), (leaves, pause) => {
        const saved = JSON.parse(JSON.stringify(saveTree(grow(leaves.slice(0, pause))))) as ReturnType<typeof saveTree>
        const tree = leaves
          .slice(pause)
          .reduce(
            (grown, entry) => appendLeaf(nodePrimitives, grown, leafHash(nodePrimitives, entry)),
            restoreTree(saved),
          )
        expect(tree.size).toBe(leaves.length)
        expect(toHex(treeRoot(nodePrimitives, tree))).toBe(toHex(naiveRoot(leaves)))
      }),
      { numRuns: runs },
    )
  })

  it('keeps earlier sizes as they were', () => {
    const early = grow(numbered(5))
    appendLeaf(nodePrimitives, early, leafHash(nodePrimitives, Uint8Array.of(9)))
    expect(toHex(treeRoot(nodePrimitives, early))).toBe(toHex(naiveRoot(numbered(5))))
  })

  it('refuses a saved tree whose hashes do not fit', () => {
    const saved = saveTree(grow(numbered(6)))
    expect(() => restoreTree({ ...saved, size: 7 })).toThrow(RangeError)
    expect(() => restoreTree({ ...saved, size: -1 })).toThrow(RangeError)
    expect(() => restoreTree({ size: 1, hashes: ['AAAA'] })).toThrow(RangeError)
  })
})

describe('proofs', () => {
  const max = 33
  const entries = numbered(max)
  const leaves = entries.map((entry) => leafHash(nodePrimitives, entry))
  const { rangeRoot } = nodesOf(entries)
  const rootOf = (size: number): Uint8Array<ArrayBuffer> => treeRoot(nodePrimitives, grow(entries.slice(0, size)))
  const roots = Array.from({ length: max + 1 }, (_, size) => rootOf(size))

  it('of inclusion hold for every leaf of every size, and for nothing else', () => {
    for (let size = 1; size <= max; size++) {
      for (let index = 0; index < size; index++) {
        const path = proveInclusion(rangeRoot, index, size)
        const claim = { leaf: leaves[index]!, index, size, root: roots[size]! }
        expect(verifyInclusion(nodePrimitives, claim, path)).toBe(true)
        expect(verifyInclusion(nodePrimitives, { ...claim, leaf: sha256(Uint8Array.of(1)) }, path)).toBe(false)
        expect(verifyInclusion(nodePrimitives, { ...claim, root: roots[size - 1]! }, path)).toBe(false)
        expect(verifyInclusion(nodePrimitives, { ...claim, index: size }, path)).toBe(false)
        expect(verifyInclusion(nodePrimitives, claim, [...path, leaves[0]!])).toBe(false)
        if (path.length > 0) expect(verifyInclusion(nodePrimitives, claim, path.slice(1))).toBe(false)
        if (size > 1) expect(verifyInclusion(nodePrimitives, { ...claim, index: (index + 1) % size }, path)).toBe(false)
      }
    }
  })

  it('of consistency hold for every pair of sizes, and for nothing else', () => {
    for (let newer = 0; newer <= max; newer++) {
      for (let older = 0; older <= newer; older++) {
        const proof = proveConsistency(rangeRoot, older, newer)
        const [a, b] = [
          { size: older, root: roots[older]! },
          { size: newer, root: roots[newer]! },
        ]
        expect(verifyConsistency(nodePrimitives, a, b, proof)).toBe(true)
        expect(verifyConsistency(nodePrimitives, { ...a, root: leaves[0]! }, b, proof)).toBe(older === 1)
        if (older < newer) expect(verifyConsistency(nodePrimitives, b, a, proof)).toBe(false)
        if (older > 0 && older < newer) {
          expect(verifyConsistency(nodePrimitives, a, { ...b, root: leaves[1]! }, proof)).toBe(false)
          expect(verifyConsistency(nodePrimitives, a, b, [...proof, leaves[0]!])).toBe(false)
          expect(verifyConsistency(nodePrimitives, a, b, proof.slice(1))).toBe(false)
        }
      }
    }
  })

  it('are asked for sensibly', () => {
    expect(() => proveInclusion(rangeRoot, 3, 3)).toThrow(RangeError)
    expect(() => proveConsistency(rangeRoot, 4, 3)).toThrow(RangeError)
  })
})

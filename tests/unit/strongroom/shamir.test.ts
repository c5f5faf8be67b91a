/** The split: against a second implementation, for every k and n, and what fewer than k shares say (nothing). */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { loadSodium, randomBytes } from '../../../electron/platform/sodium.ts'
import { combineShares, isShareOf, shareBytes, splitContentKey } from '../../../electron/strongroom/crypto/shamir.ts'
import { combineByHand, expandKey, multiply, splitByHand } from '../../support/sealing-oracle.ts'

await loadSodium()
const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
if (isCampaign) vi.setConfig({ testTimeout: 300_000 })
const runs = isCampaign ? 2000 : 60
const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const kOfN = fc.integer({ min: 2, max: 12 }).chain((n) => fc.tuple(fc.integer({ min: 2, max: n }), fc.constant(n)))

/** k of the shares, chosen and ordered by `seed`. */
const choose = <T>(items: readonly T[], k: number, seed: readonly number[]): T[] =>
  items
    .map((item, at) => ({ item, weight: seed[at % seed.length] ?? 0, at }))
    .sort((a, b) => a.weight - b.weight || a.at - b.at)
    .slice(0, k)
    .map(({ item }) => item)

/** Draws that can be handed to both implementations. */
function recordedDraws(): { product: (length: number) => Uint8Array; oracle: (length: number) => Uint8Array } {
  let drawn: Uint8Array = new Uint8Array(0)
  let at = 0
  return {
    product: (length) => {
      const pool = randomBytes(length)
      drawn = pool.slice()
      return pool
    },
    oracle: (length) => drawn.slice(at, (at += length)),
  }
}

describe('split and combine', () => {
  it('any k of n give the key back, in any order, and both implementations agree to the byte', () => {
    fc.assert(
      fc.property(key, kOfN, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (secret, [k, n], seed) => {
        const { product, oracle } = recordedDraws()
        const shares = splitContentKey(secret, k, n, product)
        expect(shares).toEqual(splitByHand(secret, k, n, oracle))
        const chosen = choose(shares, k, seed)
        expect(new Uint8Array(combineShares(chosen))).toEqual(secret)
        expect(combineByHand(chosen)).toEqual(secret)
        expect(new Uint8Array(combineShares(shares))).toEqual(secret)
      }),
      { numRuns: runs },
    )
  })

  it('keys with leading and trailing zeros, and of one value only', () => {
    for (const secret of [0x00, 0x01, 0x80, 0xff].map((byte) => new Uint8Array(32).fill(byte))) {
      const shares = splitContentKey(secret, 3, 5, randomBytes)
      expect(new Uint8Array(combineShares(shares.slice(1, 4)))).toEqual(secret)
    }
    const edges = new Uint8Array(32)
    edges[15] = 7
    expect(new Uint8Array(combineShares(splitContentKey(edges, 2, 2, randomBytes)))).toEqual(edges)
  })

  it.each([
    [2, 255],
    [128, 255],
    [255, 255],
  ])('%i of %i', (k, n) => {
    const secret = randomBytes(32)
    const shares = splitContentKey(secret, k, n, randomBytes)
    expect(shares).toHaveLength(n)
    expect(shares.every((share, at) => isShareOf(share, at + 1) && share.length === shareBytes)).toBe(true)
    expect(new Uint8Array(combineShares(shares.slice(n - k)))).toEqual(secret)
    expect(combineByHand(shares.slice(0, k))).toEqual(secret)
  })

  it('refuses a key of another length, and leaves nothing behind that would spoil the next split', () => {
    expect(() => splitContentKey(new Uint8Array(31), 2, 3, randomBytes)).toThrow('INTERNAL')
    expect(() => splitContentKey(new Uint8Array(33), 2, 3, randomBytes)).toThrow('INTERNAL')
    const secret = randomBytes(32)
    expect(new Uint8Array(combineShares(splitContentKey(secret, 2, 3, randomBytes).slice(1)))).toEqual(secret)
  })
})

describe('fewer than k shares', () => {
  it('fit every key equally well: for any other key there are coefficients that give the same k - 1 shares', () => {
    fc.assert(
      fc.property(key, key, fc.integer({ min: 2, max: 6 }), (secret, other, k) => {
        const shares = splitContentKey(secret, k, k, randomBytes).slice(0, k - 1)
        // The share at x = k that makes these k - 1 shares combine to `other`: it exists for each byte, and only one.
        const wanted = expandKey(other)
        const completing = new Uint8Array(82)
        completing.set([0x08, k])
        for (let j = 0; j < 80; j++) completing[2 + j] = completeAt(shares, j, k, wanted[j] ?? 0)
        expect(combineByHand([...shares, completing])).toEqual(other)
        expect(new Uint8Array(combineShares([...shares, completing]))).toEqual(other)
      }),
      { numRuns: Math.ceil(runs / 4) },
    )
  })

  it('do not combine to the key', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 3, max: 8 }), (secret, k) => {
        const shares = splitContentKey(secret, k, 8, randomBytes)
        expect(new Uint8Array(combineShares(shares.slice(0, k - 1)))).not.toEqual(secret)
      }),
      { numRuns: runs },
    )
  })

  it('the same share twice is one share', () => {
    const secret = randomBytes(32)
    const [first] = splitContentKey(secret, 2, 3, randomBytes)
    if (first === undefined) throw new Error('no share')
    expect(new Uint8Array(combineShares([first, first]))).not.toEqual(secret)
  })

  it('one share of 2-of-n is uniform: over many splits of one key every byte value comes equally often', () => {
    const counts = new Array<number>(256).fill(0)
    const secret = new Uint8Array(32)
    const rounds = 400
    for (let round = 0; round < rounds; round++) {
      for (const byte of splitContentKey(secret, 2, 2, randomBytes)[0]?.subarray(2) ?? [])
        counts[byte] = (counts[byte] ?? 0) + 1
    }
    const expected = (rounds * 80) / 256
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 255 degrees of freedom: beyond 400 once in about 10^8 runs.
    expect(chiSquare).toBeLessThan(400)
  })
})

/** y of the share at x = k such that, with the others, byte j of the secret is `wanted`. */
function completeAt(shares: readonly Uint8Array[], j: number, k: number, wanted: number): number {
  const inverse = (a: number): number => {
    for (let b = 1; b < 256; b++) if (multiply(a, b) === 1) return b
    throw new Error('zero')
  }
  const xs = [...shares.map((share) => share[1] ?? 0), k]
  const weight = (x: number): number =>
    xs.reduce((product, other) => (other === x ? product : multiply(product, multiply(other, inverse(other ^ x)))), 1)
  const rest = shares.reduce((sum, share) => sum ^ multiply(share[2 + j] ?? 0, weight(share[1] ?? 0)), 0)
  return multiply(rest ^ wanted, inverse(weight(k)))
}

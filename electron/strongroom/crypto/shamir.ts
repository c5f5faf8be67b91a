/**
 * k-of-n split of a content key with `shamirs-secret-sharing-ts` (docs/format-sealing.md, "Shares").
 *
 * WARNING: the library turns its input into JavaScript strings, which nobody can wipe, and returns garbage for bad input
 * without saying so. Therefore it only ever sees the content key of one version, only in a strongroom process that ends
 * with its operation; its own shares are combined once before they are used; and whoever combines checks every share
 * against its commitment before and the key after. It also keeps scratch state between calls: after a throw in the
 * middle of a split the process must not split again (a throw ends the operation and the process with it).
 */
import { combine, split } from 'shamirs-secret-sharing-ts'
import { sameBytes } from '../../../shared/bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'

export const contentKeyBytes = 32
/** 0x08 (bits of the field), x, then 80 bytes: 16 of padding and marker, 64 of the key in the library's expansion. */
export const shareBytes = 82
const evaluations = 80

/** Hands out single random bytes as the library wants them (one `random(1)` per coefficient), from one draw. */
function dealBytes(pool: Uint8Array): (size: number) => Buffer {
  let next = 0
  return (size) => {
    if (size !== 1 || next >= pool.length) throw new HalliganError('INTERNAL', { step: 'split' })
    return Buffer.from(pool.buffer, pool.byteOffset + next++, 1)
  }
}

/**
 * Splits a 32-byte key so that any `threshold` of `shares` give it back. `result[i]` is the share with x = i + 1.
 * The caller owns and wipes the results.
 * @param random libsodium's generator.
 * @throws HalliganError INTERNAL when the library's answer is not what this file and the format document say.
 */
export function splitContentKey(
  key: Uint8Array,
  threshold: number,
  shares: number,
  random: (length: number) => Uint8Array,
): Uint8Array[] {
  if (key.length !== contentKeyBytes) throw new HalliganError('INTERNAL', { step: 'split' })
  const pool = random(evaluations * (threshold - 1))
  const copy = Buffer.from(key)
  try {
    const made = split(copy, { shares, threshold, random: dealBytes(pool) }).map(takeOver)
    if (!made.every((share, at) => isShareOf(share, at + 1))) throw new HalliganError('INTERNAL', { step: 'split' })
    const again = combineShares(made.slice(-threshold))
    const same = sameBytes(again, key)
    again.fill(0)
    if (!same) throw new HalliganError('INTERNAL', { step: 'split' })
    return made
  } finally {
    pool.fill(0)
    copy.fill(0)
  }
}

/** The library's buffers lie in Node's shared pool: copy out, overwrite. */
function takeOver(buffer: Buffer): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(buffer)
  buffer.fill(0)
  return own
}

/** Whether `share` has the library's form with x = `index`. */
export const isShareOf = (share: Uint8Array, index: number): boolean =>
  share.length === shareBytes && share[0] === 0x08 && share[1] === index

/**
 * Combines shares that were checked against their commitments. The caller checks the result against the key's
 * commitment: fewer or wrong shares give 32 or other bytes of nonsense, not an error. The caller wipes it.
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const copies = shares.map((share) => Buffer.from(share))
  try {
    return takeOver(combine(copies))
  } finally {
    for (const copy of copies) copy.fill(0)
  }
}

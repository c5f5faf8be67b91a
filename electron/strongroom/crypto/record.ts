/** A sealed credential version: header, boxes, body (docs/format-sealing.md, "Record"). */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import { suite, type RecordHeader, type SealedRecord } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Sodium } from '../../platform/sodium.ts'
import { commitToKey, commitToShare } from './commitments.ts'
import { decodePayload, encodePayload, type Payload } from './payload.ts'
import { sealShare } from './share.ts'
import { combineShares, contentKeyBytes, splitContentKey } from './shamir.ts'

/** What the header says that does not come out of the encryption itself. */
export type RecordFacts = Omit<RecordHeader, 'format' | 'suite' | 'keyCommitment' | 'shares' | 'nonce'>

/** To whom shares go: the safe's custodians of the verified manifest, in order of index. */
export interface ShareHolder {
  readonly custodian: string
  readonly index: number
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** SHA-256 of a sealed box, base64url, as the header holds it. */
export const hashBox = (box: Uint8Array): string => toBase64Url(nodePrimitives.sha256(box))

/**
 * Encrypts `payload` under a fresh content key and hands each holder a share of it. Needs public keys only. The caller
 * still owns `payload` and wipes it.
 * @param random libsodium's generator (tests hand in known bytes).
 */
export function sealRecord(
  sodium: Sodium,
  facts: RecordFacts,
  holders: readonly ShareHolder[],
  payload: Payload,
  random: (length: number) => Uint8Array,
): SealedRecord {
  const key = random(contentKeyBytes)
  let shares: Uint8Array[] = []
  let padded: Uint8Array = new Uint8Array(0)
  try {
    shares = splitContentKey(key, facts.threshold, holders.length, random)
    padded = encodePayload(sodium, payload)
    const boxes = holders.map((holder, at) => {
      const { vault, safe, credential, version, threshold } = facts
      const { custodian, index, publicKey } = holder
      const name = { vault, safe, credential, version, custodian, index, threshold }
      return sealShare(sodium, name, shareAt(shares, at, index), publicKey)
    })
    const nonce = random(24)
    const header: RecordHeader = {
      format: 'halligan/credential/v1',
      suite,
      ...facts,
      keyCommitment: commitToKey(facts, key),
      shares: holders.map(({ custodian, index }, at) => ({
        custodian,
        index,
        commitment: commitToShare(facts, custodian, index, shareAt(shares, at, index)),
        box: hashBox(boxes[at] ?? new Uint8Array(0)),
      })),
      nonce: toBase64Url(nonce),
    }
    const aad = canonicalMessage('credential', header)
    const body = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, aad, null, nonce, key)
    return { header, boxes: boxes.map(toBase64Url), body: toBase64Url(body) }
  } finally {
    for (const secret of [key, padded, ...shares]) sodium.memzero(secret)
  }
}

/** The share with x = `index`; holders are in order and complete, or nothing is sealed. */
function shareAt(shares: readonly Uint8Array[], at: number, index: number): Uint8Array {
  const share = shares[at]
  if (share?.[1] !== index) throw new HalliganError('MANIFEST_INVALID', { index })
  return share
}

/**
 * Combines checked shares, checks the content key against the header's commitment and decrypts. The caller owns and
 * wipes the payload; the shares stay the caller's.
 * @throws HalliganError CONTENT_KEY_WRONG when the shares give another key than was sealed under; RECORD_DAMAGED {part}
 *   when the body does not open under the right key.
 */
export function openRecord(sodium: Sodium, record: SealedRecord, shares: readonly Uint8Array[]): Payload {
  const key = combineToKey(sodium, record.header, shares)
  let padded: Uint8Array = new Uint8Array(0)
  try {
    padded = decryptBody(sodium, record, key)
    return decodePayload(sodium, padded)
  } finally {
    sodium.memzero(key)
    sodium.memzero(padded)
  }
}

/**
 * Whether checked shares give the content key that the record was sealed under. Nothing is decrypted, and the key is gone
 * when this returns; the shares stay the caller's.
 * @throws HalliganError CONTENT_KEY_WRONG.
 */
export function checkContentKey(sodium: Sodium, header: RecordHeader, shares: readonly Uint8Array[]): void {
  sodium.memzero(combineToKey(sodium, header, shares))
}

/** @throws HalliganError CONTENT_KEY_WRONG. The caller wipes the key. */
function combineToKey(sodium: Sodium, header: RecordHeader, shares: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const key = combineShares(shares)
  if (key.length === contentKeyBytes && commitToKey(header, key) === header.keyCommitment) return key
  sodium.memzero(key)
  throw new HalliganError('CONTENT_KEY_WRONG')
}

function decryptBody(sodium: Sodium, { header, body }: SealedRecord, key: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    const aad = canonicalMessage('credential', header)
    const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      fromBase64Url(body),
      aad,
      fromBase64Url(header.nonce),
      key,
    )
    return opened as Uint8Array<ArrayBuffer>
  } catch (error) {
    throw new HalliganError('RECORD_DAMAGED', { part: 'body' }, error)
  }
}

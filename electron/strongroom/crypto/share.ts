/** A share in its envelope in a sealed box for one custodian (docs/format-sealing.md, "Share envelope"). */
import { concatBytes, sameBytes, utf8 } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Sodium } from '../../platform/sodium.ts'
import { commitToShare, type VersionName } from './commitments.ts'
import { isShareOf } from './shamir.ts'

/** Everything that a share says it is. */
export interface ShareName extends VersionName {
  readonly safe: string
  readonly custodian: string
  /** The share's x coordinate, 1..n. */
  readonly index: number
  readonly threshold: number
}

const newline = utf8('\n')

function envelopeHead(name: ShareName): Uint8Array {
  const { vault, safe, credential, version, custodian, index, threshold } = name
  return concatBytes(
    canonicalMessage('share', { vault, safe, credential, version, custodian, index, threshold }),
    newline,
  )
}

/** Puts `share` into its envelope and that into a sealed box for `publicKey` (X25519, 32 bytes). */
export function sealShare(sodium: Sodium, name: ShareName, share: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const envelope = concatBytes(envelopeHead(name), share)
  try {
    return sodium.crypto_box_seal(envelope, publicKey)
  } finally {
    sodium.memzero(envelope)
  }
}

/**
 * Opens one custodian's share and checks that it is the one the header commits to. The caller owns and wipes it.
 * @param commitment base64url, from the verified header.
 * @throws HalliganError SHARE_DAMAGED {custodian} when the box does not open; SHARE_WRONG {custodian} when it holds
 *   another share than the header says (of another version, credential, safe, vault or custodian, or simply wrong).
 */
export function openShare(
  sodium: Sodium,
  name: ShareName,
  commitment: string,
  box: Uint8Array,
  keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
): Uint8Array {
  let envelope: Uint8Array
  try {
    envelope = sodium.crypto_box_seal_open(box, keys.publicKey, keys.secretKey)
  } catch (error) {
    throw new HalliganError('SHARE_DAMAGED', { custodian: name.custodian }, error)
  }
  try {
    const head = envelopeHead(name)
    const share = envelope.slice(head.length)
    const right =
      sameBytes(envelope.subarray(0, head.length), head) &&
      isShareOf(share, name.index) &&
      commitToShare(name, name.custodian, name.index, share) === commitment
    if (right) return share
    sodium.memzero(share)
    throw new HalliganError('SHARE_WRONG', { custodian: name.custodian })
  } finally {
    sodium.memzero(envelope)
  }
}

/** A custodian's X25519 secret key under the PRF of one security key (docs/format-sealing.md, "Wrap"). */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import type { Wrap } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Sodium } from '../../platform/sodium.ts'

/** A wrap without what the AEAD makes: input of the key derivation and associated data. */
export type WrapHeader = Omit<Wrap, 'nonce' | 'box'>

/** The header of a stored wrap. */
export function wrapHeaderOf(wrap: Wrap): WrapHeader {
  const { nonce: _nonce, box: _box, ...header } = wrap
  return header
}

/**
 * BLAKE2b-256 keyed with the PRF output over the `wrap-key` message of the header. The caller wipes it.
 * @param prf 32 bytes.
 */
function deriveWrapKey(sodium: Sodium, prf: Uint8Array, header: WrapHeader): Uint8Array {
  return sodium.crypto_generichash(32, canonicalMessage('wrap-key', header), prf)
}

/**
 * Encrypts `secretKey` (32 bytes) under `prf` (32 bytes).
 * @param nonce 24 bytes, fresh.
 */
export function sealWrap(
  sodium: Sodium,
  header: WrapHeader,
  secretKey: Uint8Array,
  prf: Uint8Array,
  nonce: Uint8Array,
): Wrap {
  const key = deriveWrapKey(sodium, prf, header)
  try {
    const aad = canonicalMessage('wrap', header)
    const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(secretKey, aad, null, nonce, key)
    return { ...header, nonce: toBase64Url(nonce), box: toBase64Url(box) }
  } finally {
    sodium.memzero(key)
  }
}

/**
 * Decrypts a wrap and checks that the secret key belongs to the wrap's public key. The caller owns and wipes the result.
 * @throws HalliganError TAP_WRAP_DAMAGED {custodian} when it does not open or holds another key.
 */
export function openWrap(sodium: Sodium, wrap: Wrap, prf: Uint8Array): Uint8Array {
  const header = wrapHeaderOf(wrap)
  const damaged = (cause?: unknown): HalliganError =>
    new HalliganError('TAP_WRAP_DAMAGED', { custodian: wrap.person }, cause)
  const key = deriveWrapKey(sodium, prf, header)
  let secretKey: Uint8Array
  try {
    secretKey = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      fromBase64Url(wrap.box),
      canonicalMessage('wrap', header),
      fromBase64Url(wrap.nonce),
      key,
    )
  } catch (error) {
    throw damaged(error)
  } finally {
    sodium.memzero(key)
  }
  // A wrap of somebody else's key that decrypts (made by whoever knew the PRF output) must not pass as this one.
  if (!sodium.memcmp(sodium.crypto_scalarmult_base(secretKey), fromBase64Url(wrap.publicKey))) {
    sodium.memzero(secretKey)
    throw damaged()
  }
  return secretKey
}

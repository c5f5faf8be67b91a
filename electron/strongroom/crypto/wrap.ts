/** A custodian's X25519 secret key under the PRF of one security key (docs/format-sealing.md, "Wrap"). */
import { fromBase64Url, toBase64Url, utf8, concatBytes } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import { needsPassphrase, type PassphraseWrap, type Wrap } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Sodium } from '../../platform/sodium.ts'
import type { Passphrase } from './passphrase.ts'

type Header<W extends Wrap> = W extends PassphraseWrap ? Omit<W, 'nonce' | 'box' | 'check'> : Omit<W, 'nonce' | 'box'>
/** A wrap without what the cryptography makes: input of the key derivation and associated data. */
export type WrapHeader = Header<Wrap>

/** The header of a stored wrap. */
export function wrapHeaderOf(wrap: Wrap): WrapHeader {
  if (needsPassphrase(wrap)) {
    const { nonce: _nonce, box: _box, check: _check, ...header } = wrap
    return header
  }
  const { nonce: _nonce, box: _box, ...header } = wrap
  return header
}

/**
 * BLAKE2b-256 keyed with the PRF output, or with the mix of it and the stretched passphrase, over the `wrap-key` message of
 * the header. The caller wipes it.
 * @param prf 32 bytes.
 * @throws HalliganError TAP_PASSPHRASE_NEEDED.
 */
function deriveWrapKey(sodium: Sodium, prf: Uint8Array, header: WrapHeader, passphrase: Passphrase | null): Uint8Array {
  const input = canonicalMessage('wrap-key', header)
  if (header.format === 'halligan/wrap/v1') return sodium.crypto_generichash(32, input, prf)
  if (passphrase === null) throw new HalliganError('TAP_PASSPHRASE_NEEDED')
  // Keyed with the one and fed the other: either alone says nothing about the mix.
  const stretched = concatBytes(mixPrefix, passphrase.stretch(header.stretch))
  const mix = sodium.crypto_generichash(32, stretched, prf)
  try {
    return sodium.crypto_generichash(32, input, mix)
  } finally {
    sodium.memzero(stretched)
    sodium.memzero(mix)
  }
}

const mixPrefix = utf8('halligan/wrap-mix/v1\n')

/** Says that PRF output and all of the wrap belong together, whatever the passphrase. Without the PRF output: nothing. */
const checkOf = (sodium: Sodium, { check: _check, ...rest }: PassphraseWrap, prf: Uint8Array): Uint8Array =>
  sodium.crypto_generichash(32, canonicalMessage('wrap-check', rest), prf)

/**
 * Encrypts `secretKey` (32 bytes) under `prf` (32 bytes) and, where the header says so, the passphrase.
 * @param nonce 24 bytes, fresh.
 * @throws HalliganError TAP_PASSPHRASE_NEEDED.
 */
export function sealWrap(
  sodium: Sodium,
  header: WrapHeader,
  secretKey: Uint8Array,
  prf: Uint8Array,
  nonce: Uint8Array,
  passphrase: Passphrase | null = null,
): Wrap {
  const key = deriveWrapKey(sodium, prf, header, passphrase)
  try {
    const aad = canonicalMessage('wrap', header)
    const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(secretKey, aad, null, nonce, key)
    const made = { nonce: toBase64Url(nonce), box: toBase64Url(box) }
    if (header.format === 'halligan/wrap/v1') return { ...header, ...made }
    const wrap: PassphraseWrap = { ...header, ...made, check: '' }
    return { ...wrap, check: toBase64Url(checkOf(sodium, wrap, prf)) }
  } finally {
    sodium.memzero(key)
  }
}

/**
 * Decrypts a wrap and checks that the secret key belongs to the wrap's public key. The caller owns and wipes the result.
 * @throws HalliganError TAP_WRAP_DAMAGED {custodian} when it does not open or holds another key; TAP_PASSPHRASE_NEEDED,
 *   TAP_PASSPHRASE_WRONG {custodian} when key and wrap are right and only the passphrase is not.
 */
export function openWrap(
  sodium: Sodium,
  wrap: Wrap,
  prf: Uint8Array,
  passphrase: Passphrase | null = null,
): Uint8Array {
  const fail = (code: 'TAP_WRAP_DAMAGED' | 'TAP_PASSPHRASE_WRONG', cause?: unknown): HalliganError =>
    new HalliganError(code, { custodian: wrap.person }, cause)
  // First of all: nobody without the key can make this process stretch anything, or choose how long that takes.
  if (needsPassphrase(wrap) && !sodium.memcmp(checkOf(sodium, wrap, prf), fromBase64Url(wrap.check))) {
    throw fail('TAP_WRAP_DAMAGED')
  }
  const header = wrapHeaderOf(wrap)
  const key = deriveWrapKey(sodium, prf, header, passphrase)
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
    throw fail(needsPassphrase(wrap) ? 'TAP_PASSPHRASE_WRONG' : 'TAP_WRAP_DAMAGED', error)
  } finally {
    sodium.memzero(key)
  }
  // A wrap of somebody else's key that decrypts (made by whoever knew the PRF output) must not pass as this one.
  if (!sodium.memcmp(sodium.crypto_scalarmult_base(secretKey), fromBase64Url(wrap.publicKey))) {
    sodium.memzero(secretKey)
    throw fail('TAP_WRAP_DAMAGED')
  }
  return secretKey
}

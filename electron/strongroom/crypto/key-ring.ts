/**
 * Which security keys somebody enrolled, under a MAC whose key only those security keys give (docs/format-sealing.md, "Key
 * ring"). One key's signing tap so vouches for its owner's other keys, which nobody touches then.
 */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import type { Sodium } from '../../platform/sodium.ts'

/** What the MAC covers. */
export interface KeyRingFacts {
  readonly vault: string
  readonly safe: string
  readonly person: string
  /** In the order of enrolment, which is that of the manifest. */
  readonly keys: readonly SecurityKey[]
}

/**
 * BLAKE2b-256 over the `key-ring` message of `facts`. Its key is made of the secret key under a purpose of its own: the secret
 * key itself serves X25519 and nothing else.
 * @param secretKey the person's X25519 secret key for that safe, 32 bytes.
 * @returns 32 bytes.
 */
function computeMac(sodium: Sodium, secretKey: Uint8Array, facts: KeyRingFacts): Uint8Array {
  const { vault, safe, person } = facts
  const key = sodium.crypto_generichash(32, canonicalMessage('key-ring-key', { vault, safe, person }), secretKey)
  try {
    return sodium.crypto_generichash(32, canonicalMessage('key-ring', facts), key)
  } finally {
    sodium.memzero(key)
  }
}

/** The MAC as base64url. */
export const makeKeyRing = (sodium: Sodium, secretKey: Uint8Array, facts: KeyRingFacts): string =>
  toBase64Url(computeMac(sodium, secretKey, facts))

/**
 * Whether exactly these keys, in this order, were enrolled with that secret key.
 * @param mac base64url of 32 bytes.
 */
export const isKeyRing = (sodium: Sodium, secretKey: Uint8Array, facts: KeyRingFacts, mac: string): boolean =>
  sodium.memcmp(computeMac(sodium, secretKey, facts), fromBase64Url(mac))

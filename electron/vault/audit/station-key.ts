/**
 * The station's Ed25519 key of this boot. The only private key in the vault process: it vouches for the log and opens
 * nothing. It lives in a wiped-on-end buffer here and, until the next start, in the database.
 */
import type { Sodium } from '../../platform/sodium.ts'
import { SecretBytes } from '../../platform/secret-bytes.ts'

export interface StationKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  /** libsodium's 64 bytes (seed and public key). */
  readonly secret: SecretBytes
}

/** Libsodium, and randomness as it was handed to this process. */
export interface SigningMeans {
  readonly sodium: Sodium
  readonly randomBytes: (length: number) => Uint8Array
}

/** A fresh key. */
export function createStationKey({ sodium, randomBytes }: SigningMeans): StationKey {
  const seed = randomBytes(sodium.crypto_sign_SEEDBYTES)
  try {
    const pair = sodium.crypto_sign_seed_keypair(seed)
    return { publicKey: new Uint8Array(pair.publicKey), secret: new SecretBytes(pair.privateKey) }
  } finally {
    seed.fill(0)
  }
}

/** Ed25519 signature (RFC 8032), 64 bytes. */
export const signWith = (sodium: Sodium, key: StationKey, message: Uint8Array): Uint8Array<ArrayBuffer> =>
  key.secret.use((secret) => new Uint8Array(sodium.crypto_sign_detached(message, secret)))

/**
 * How a PRF output travels from the tap page to a strongroom process, so that no host of the page sees it: ECDH P-256
 * -> HKDF-SHA-256 -> AES-256-GCM, all three in WebCrypto on both sides (docs/format-sealing.md, "Tap channel").
 *
 * Plaintext: `first` (32 bytes), then `second` (32 bytes) if the key returned one. Salt of the HKDF and associated data
 * of the AEAD are the challenge of the touch, so an answer cannot be carried over to another touch.
 */
import { utf8 } from '../bytes.ts'

export const tapChannel = {
  /** WebCrypto `EcKeyGenParams`; public keys travel as raw uncompressed points (65 bytes). */
  curve: { name: 'ECDH', namedCurve: 'P-256' },
  /** Bits of the shared secret: the x coordinate. */
  sharedBits: 256,
  /** `info` of the HKDF. */
  info: utf8('halligan/tap-channel/v1\n'),
  cipher: { name: 'AES-GCM', length: 256 },
  ivBytes: 12,
  /** Bytes of one PRF value. */
  valueBytes: 32,
  /** `info` of the HKDF for a passphrase: what encrypts one never encrypts the other. */
  passphraseInfo: utf8('halligan/tap-channel/passphrase/v1\n'),
  /** A passphrase is padded to this: one byte 0x80, then zeros. */
  passphraseBytes: 256,
} as const

/**
 * What pure code needs from cryptography, handed in: Node's in the processes, WebCrypto or a library elsewhere.
 * All are public-value operations (hashing and verifying); nothing secret passes through this port.
 */
export interface Primitives {
  readonly sha256: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>
  /** Ed25519 (RFC 8032): 32-byte public key, 64-byte signature. False on any malformed input, never throws. */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  /** ECDSA P-256 with SHA-256; `x`,`y` 32 bytes each; signature ASN.1 DER as WebAuthn gives it. False, never throws. */
  readonly verifyP256: (x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

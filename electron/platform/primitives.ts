/** Node's implementation of the public-value primitives (OpenSSL underneath). */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { toBase64Url } from '../../shared/bytes.ts'
import type { Primitives } from '../../shared/primitives.ts'

function verifyWith(makeKey: () => KeyObject, algorithm: string | null, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(algorithm, message, makeKey(), signature)
  } catch {
    // A malformed key or signature is simply not valid: the port promises false, never an exception.
    return false
  }
}

/** {@link Primitives} on `node:crypto`. */
export const nodePrimitives: Primitives = {
  sha256: (bytes) => {
    const digest = createHash('sha256').update(bytes).digest()
    return new Uint8Array(digest.buffer as ArrayBuffer, digest.byteOffset, digest.length)
  },
  verifyEd25519: (publicKey, message, signature) =>
    verifyWith(
      () => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) }, format: 'jwk' }),
      null,
      message,
      signature,
    ),
  verifyP256: (x, y, message, signature) =>
    verifyWith(
      () => createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: toBase64Url(x), y: toBase64Url(y) }, format: 'jwk' }),
      'sha256',
      message,
      signature,
    ),
}

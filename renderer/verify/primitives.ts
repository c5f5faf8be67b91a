/** The public-value primitives in JavaScript: this page runs from a file, in any browser, without anything else. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../../shared/bytes.ts'
import type { Primitives } from '../../shared/primitives.ts'
import type { StreamingHash } from '../../shared/audit/verify-export.ts'

const orFalse = (check: () => boolean): boolean => {
  try {
    return check()
  } catch {
    // A malformed key or signature is simply not valid: the port promises false, never an exception.
    return false
  }
}

/** {@link Primitives} on the noble libraries. */
export const browserPrimitives: Primitives = {
  sha256: (bytes) => sha256(bytes),
  // RFC 8032's own strictness, not the laxer ZIP 215 that the library assumes.
  verifyEd25519: (publicKey, message, signature) =>
    orFalse(() => ed25519.verify(signature, message, publicKey, { zip215: false })),
  verifyP256: (x, y, message, signature) =>
    orFalse(() =>
      // WebAuthn signatures may have either s (SEC 1); the library would refuse the high one.
      p256.verify(signature, message, concatBytes(Uint8Array.of(4), x, y), {
        format: 'der',
        lowS: false,
        prehash: true,
      }),
    ),
}

/** SHA-256 of what streams by. */
export function createSha256(): StreamingHash {
  const hash = sha256.create()
  return {
    update: (chunk) => {
      hash.update(chunk)
    },
    digest: () => hash.digest(),
  }
}

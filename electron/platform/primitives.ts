/** Node's implementation of the public-value primitives (OpenSSL underneath). */
import crypto, { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { toBase64Url } from '../../shared/bytes.ts'
import type { Primitives } from '../../shared/primitives.ts'

/** Node 20.12 and later; verify.mjs runs on older ones too. */
const hash = crypto.hash as typeof crypto.hash | undefined

/** Public keys are few and come again and again; reading one costs as much as verifying with it. */
const keysMax = 256
const keys = new Map<string, KeyObject>()

function readKey(kind: { readonly kty: 'EC' | 'OKP'; readonly crv: string }, x: Uint8Array, y?: Uint8Array): KeyObject {
  const jwk = { ...kind, x: toBase64Url(x), ...(y === undefined ? {} : { y: toBase64Url(y) }) }
  const name = `${jwk.crv} ${jwk.x} ${jwk.y ?? ''}`
  const known = keys.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const [oldest] = keys.keys()
  if (keys.size >= keysMax && oldest !== undefined) keys.delete(oldest)
  keys.set(name, key)
  return key
}

function verifyWith(
  getKey: () => KeyObject,
  algorithm: string | null,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(algorithm, message, getKey(), signature)
  } catch {
    // A malformed key or signature is simply not valid: the port promises false, never an exception.
    return false
  }
}

/** {@link Primitives} on `node:crypto`. */
export const nodePrimitives: Primitives = {
  sha256: (bytes) => {
    // One-shot and through a string: a third of the time of a Hash object, and no buffers outside the heap, which the
    // garbage collector would pay for again. Verifying a log is two of these per entry.
    if (hash === undefined) return new Uint8Array(createHash('sha256').update(bytes).digest())
    const digest = hash('sha256', bytes, 'binary')
    const result = new Uint8Array(32)
    for (let at = 0; at < 32; at++) result[at] = digest.charCodeAt(at)
    return result
  },
  verifyEd25519: (publicKey, message, signature) =>
    verifyWith(() => readKey({ kty: 'OKP', crv: 'Ed25519' }, publicKey), null, message, signature),
  verifyP256: (x, y, message, signature) =>
    verifyWith(() => readKey({ kty: 'EC', crv: 'P-256' }, x, y), 'sha256', message, signature),
}

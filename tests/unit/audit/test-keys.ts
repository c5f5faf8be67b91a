/** Deterministic keys for test logs: the same seed gives the same bytes, so that vectors can be committed. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { SecurityKeyPublicKey } from '../../../shared/domain/manifest.ts'
import { rpId, windowOrigin, type Assertion } from '../../../shared/domain/tap.ts'

/** Bytes on demand. Not random: SHA-256 in counter mode over a seed. */
export type ByteSource = (length: number) => Uint8Array<ArrayBuffer>

export function createByteSource(seed: string): ByteSource {
  let counter = 0
  return (length) => {
    const blocks: Uint8Array[] = []
    for (let have = 0; have < length; have += 32) blocks.push(sha256(utf8(`${seed}/${counter++}`)))
    return concatBytes(...blocks).slice(0, length)
  }
}

export interface StationKey {
  /** base64url. */
  readonly key: string
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array<ArrayBuffer>
}

export function createStationKey(bytes: ByteSource): StationKey {
  const secret = bytes(32)
  const publicKey = ed25519.getPublicKey(secret)
  return {
    key: toBase64Url(publicKey),
    publicKey,
    sign: (message) => new Uint8Array(ed25519.sign(message, secret)),
  }
}

/** Ways to make a tap that must be refused. */
export interface TapChange {
  readonly flags?: number
  readonly origin?: string
  readonly rpId?: string
  readonly clientData?: Readonly<Record<string, unknown>>
  readonly extension?: Uint8Array
  readonly breakSignature?: boolean
}

export interface TestSecurityKey {
  readonly credentialId: string
  readonly publicKey: SecurityKeyPublicKey
  readonly tap: (challenge: Uint8Array, change?: TapChange) => Assertion
}

/** A security key that signs as WebAuthn says, without randomness (RFC 6979 nonces for ES256). */
export function createTestSecurityKey(bytes: ByteSource, algorithm: 'ES256' | 'EdDSA' = 'ES256'): TestSecurityKey {
  const secret = bytes(32)
  const credentialId = toBase64Url(bytes(32))
  let counter = 0
  const publicKey = ((): SecurityKeyPublicKey => {
    if (algorithm === 'EdDSA') return { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(ed25519.getPublicKey(secret)) }
    const point = p256.getPublicKey(secret, false)
    return { kty: 'EC', crv: 'P-256', x: toBase64Url(point.slice(1, 33)), y: toBase64Url(point.slice(33)) }
  })()
  return {
    credentialId,
    publicKey,
    tap: (challenge, change = {}) => {
      const head = new Uint8Array(37)
      head.set(sha256(utf8(change.rpId ?? rpId)), 0)
      head[32] = change.flags ?? 0x05
      new DataView(head.buffer).setUint32(33, ++counter)
      const authenticatorData = concatBytes(head, change.extension ?? new Uint8Array(0))
      const clientDataJSON = utf8(
        JSON.stringify({
          type: 'webauthn.get',
          challenge: toBase64Url(challenge),
          origin: change.origin ?? windowOrigin,
          crossOrigin: false,
          ...change.clientData,
        }),
      )
      const message = concatBytes(authenticatorData, sha256(clientDataJSON))
      const signature =
        algorithm === 'EdDSA' ? ed25519.sign(message, secret) : p256.sign(message, secret, { format: 'der' })
      if (change.breakSignature === true) signature[signature.length - 1]! ^= 1
      return {
        authenticatorData: toBase64Url(authenticatorData),
        clientDataJSON: toBase64Url(clientDataJSON),
        signature: toBase64Url(signature),
      }
    },
  }
}

/** A security key's public key: JWK-like in the manifest, COSE_Key (RFC 9053) where WebAuthn wants it. */
import { cose, decodeCredentialPublicKey, isoCBOR } from '@simplewebauthn/server/helpers'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { SecurityKeyPublicKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'

/** COSE algorithm numbers accepted at enrolment, in order of preference: ES256, EdDSA (Ed25519). */
export const acceptedAlgorithms = [cose.COSEALG.ES256, cose.COSEALG.EdDSA]

/** COSE_Key bytes of a manifest's public key. */
export function toCose(key: SecurityKeyPublicKey): Uint8Array<ArrayBuffer> {
  const { COSEKEYS, COSEKTY, COSEALG, COSECRV } = cose
  const x = fromBase64Url(key.x)
  const map: [number, number | Uint8Array][] =
    key.kty === 'EC'
      ? [
          [COSEKEYS.kty, COSEKTY.EC2],
          [COSEKEYS.alg, COSEALG.ES256],
          [COSEKEYS.crv, COSECRV.P256],
          [COSEKEYS.x, x],
          [COSEKEYS.y, fromBase64Url(key.y)],
        ]
      : [
          [COSEKEYS.kty, COSEKTY.OKP],
          [COSEKEYS.alg, COSEALG.EdDSA],
          [COSEKEYS.crv, COSECRV.ED25519],
          [COSEKEYS.x, x],
        ]
  return isoCBOR.encode(new Map(map))
}

/**
 * The manifest's form of a COSE_Key.
 * @throws HalliganError TAP_ALGORITHM_UNSUPPORTED for anything but ES256 on P-256 and Ed25519.
 */
export function fromCose(bytes: Uint8Array<ArrayBuffer>): SecurityKeyPublicKey {
  const key = decodeCredentialPublicKey(bytes)
  const { COSECRV, COSEALG, COSEKEYS } = cose
  const algorithm = key.get(COSEKEYS.alg)
  if (cose.isCOSEPublicKeyEC2(key)) {
    const [crv, x, y] = [key.get(COSEKEYS.crv), key.get(COSEKEYS.x), key.get(COSEKEYS.y)]
    if (algorithm === COSEALG.ES256 && crv === COSECRV.P256 && x?.length === 32 && y?.length === 32) {
      return { kty: 'EC', crv: 'P-256', x: toBase64Url(x), y: toBase64Url(y) }
    }
  }
  if (cose.isCOSEPublicKeyOKP(key)) {
    const [crv, x] = [key.get(COSEKEYS.crv), key.get(COSEKEYS.x)]
    if (algorithm === COSEALG.EdDSA && crv === COSECRV.ED25519 && x?.length === 32) {
      return { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(x) }
    }
  }
  throw new HalliganError('TAP_ALGORITHM_UNSUPPORTED', { algorithm: algorithm ?? 'none' })
}

/**
 * The test vector "ES256 Credential with No Attestation" of WebAuthn Level 3, section 16.1. It is for another relying
 * party and its key is a synced passkey without user verification, so the whole must be refused, each part for its reason;
 * decoding and signature mathematics are the same everywhere.
 */
import { decodeAttestationObject, parseAuthenticatorData } from '@simplewebauthn/server/helpers'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { verifyAssertion } from '../../../electron/strongroom/tap/assertion.ts'
import { fromCose, toCose } from '../../../electron/strongroom/tap/cose.ts'
import { verifyRegistration } from '../../../electron/strongroom/tap/registration.ts'
import { checkTapSignature } from '../../../shared/audit/tap.ts'
import { concatBytes, toBase64Url, toHex, utf8 } from '../../../shared/bytes.ts'
import { isTapOrigin } from '../../../shared/domain/tap.ts'

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'))
const registration = {
  challenge: hex('00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130'),
  credentialId: hex('f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4'),
  clientDataJSON: utf8(
    '{"type":"webauthn.create","challenge":"AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA","origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be extended with additional fields in the future, such as this: BkQeDjdcTBrXBiAwJTLE5Q"}',
  ),
  attestationObject: hex(
    'a363666d74646e6f6e656761747453746d74a068617574684461746158a4' +
      'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020' +
      'f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4' +
      'a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61' +
      '225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
  ),
}
const authentication = {
  challenge: hex('39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408'),
  authenticatorData: hex('bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000'),
  clientDataJSON: utf8(
    '{"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag","origin":"https://example.org","crossOrigin":false}',
  ),
  signature: hex(
    '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38' +
      '0221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
  ),
}
const assertion = {
  authenticatorData: toBase64Url(authentication.authenticatorData),
  clientDataJSON: toBase64Url(authentication.clientDataJSON),
  signature: toBase64Url(authentication.signature),
}

const parsed = parseAuthenticatorData(decodeAttestationObject(registration.attestationObject).get('authData'))
const cosePublicKey = new Uint8Array(parsed.credentialPublicKey ?? [])
const publicKey = fromCose(cosePublicKey)

describe('WebAuthn Level 3, vector "none.ES256"', () => {
  it('has the key, id and relying party that it prints', () => {
    expect(publicKey).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: toBase64Url(hex('afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61')),
      y: toBase64Url(hex('930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220')),
    })
    expect(toHex(toCose(publicKey))).toBe(toHex(cosePublicKey))
    expect(parsed.credentialID).toEqual(registration.credentialId)
    expect(nodePrimitives.sha256(utf8('example.org'))).toEqual(new Uint8Array(parsed.rpIdHash))
  })

  it('is signed by that key, and no other byte is', () => {
    if (publicKey.kty !== 'EC') throw new Error('not P-256')
    const [x, y] = [publicKey.x, publicKey.y].map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
    const { authenticatorData, clientDataJSON, signature } = authentication
    const message = concatBytes(authenticatorData, nodePrimitives.sha256(clientDataJSON))
    expect(nodePrimitives.verifyP256(x!, y!, message, signature)).toBe(true)
    for (let at = 0; at < message.length; at++) {
      const changed = message.slice()
      changed[at]! ^= 1
      expect(nodePrimitives.verifyP256(x!, y!, changed, signature)).toBe(false)
    }
  })

  it('is refused for its flags, with everything else right', () => {
    const { challenge } = authentication
    const check = {
      assertion,
      publicKey,
      challenge,
      isOrigin: (origin: string) => origin === 'https://example.org',
      rpId: 'example.org',
    }
    expect(checkTapSignature(nodePrimitives, check)).toBe('TAP_NO_USER_VERIFICATION')
    expect(checkTapSignature(nodePrimitives, { ...check, rpId: 'example.com' })).toBe('TAP_RP_WRONG')
    expect(checkTapSignature(nodePrimitives, { ...check, isOrigin: () => false })).toBe('TAP_ORIGIN_WRONG')
    expect(checkTapSignature(nodePrimitives, { ...check, challenge: registration.challenge })).toBe(
      'TAP_CHALLENGE_WRONG',
    )
  })

  it('is refused by the strongroom: another origin', async () => {
    const key = toBase64Url(registration.credentialId)
    const created = {
      ok: true as const,
      key,
      attestationObject: toBase64Url(registration.attestationObject),
      clientDataJSON: toBase64Url(registration.clientDataJSON),
      transports: [],
    }
    const refused = { code: 'TAP_ORIGIN_WRONG' }
    await expect(verifyRegistration(created, registration.challenge, isTapOrigin, null)).rejects.toMatchObject(refused)
    await expect(
      verifyAssertion({ credentialId: key }, cosePublicKey, assertion, authentication.challenge, isTapOrigin),
    ).rejects.toMatchObject(refused)
    await expect(verifyRegistration(created, authentication.challenge, isTapOrigin, null)).rejects.toMatchObject({
      code: 'TAP_CHALLENGE_WRONG',
    })
  })
})

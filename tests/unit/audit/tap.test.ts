/** Our reading of assertions: what passes, what each fault is called, and that other libraries agree. */
import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { challengeOf, checkTapSignature, claimedChallenge, tapSource } from '../../../shared/audit/tap.ts'
import { fromBase64Url, toBase64Url, toHex, utf8 } from '../../../shared/bytes.ts'
import type { Assertion } from '../../../shared/domain/tap.ts'
import { createByteSource, createTestSecurityKey, type TapChange } from './test-keys.ts'

const challenge = nodePrimitives.sha256(utf8('what is approved'))
const keys = {
  ES256: createTestSecurityKey(createByteSource('es256'), 'ES256'),
  EdDSA: createTestSecurityKey(createByteSource('eddsa'), 'EdDSA'),
}

const check = (assertion: Assertion, key = keys.ES256) =>
  checkTapSignature(nodePrimitives, { assertion, publicKey: key.publicKey, challenge, ...tapSource })

describe.each(['ES256', 'EdDSA'] as const)('a tap by a %s key', (algorithm) => {
  const key = keys[algorithm]

  it('passes when it is honest, with or without extension data', () => {
    expect(check(key.tap(challenge), key)).toBeNull()
    expect(check(key.tap(challenge, { flags: 0x85, extension: Uint8Array.of(0xa0) }), key)).toBeNull()
    expect(check(key.tap(challenge, { clientData: { crossOrigin: undefined } }), key)).toBeNull()
  })

  const faults: [string, TapChange][] = [
    ['TAP_NO_USER_PRESENCE', { flags: 0x04 }],
    ['TAP_NO_USER_VERIFICATION', { flags: 0x01 }],
    ['TAP_BACKUP_ELIGIBLE', { flags: 0x0d }],
    ['TAP_BACKUP_ELIGIBLE', { flags: 0x15 }],
    ['TAP_MALFORMED', { flags: 0x45 }],
    ['TAP_MALFORMED', { flags: 0x85 }],
    ['TAP_MALFORMED', { extension: Uint8Array.of(0xa0) }],
    ['TAP_RP_WRONG', { rpId: 'example.com' }],
    ['TAP_ORIGIN_WRONG', { origin: 'https://halligan.localhost:444' }],
    ['TAP_ORIGIN_WRONG', { origin: 'http://halligan.localhost' }],
    ['TAP_ORIGIN_WRONG', { clientData: { crossOrigin: true } }],
    ['TAP_ORIGIN_WRONG', { clientData: { topOrigin: 'https://example.com' } }],
    ['TAP_ORIGIN_WRONG', { clientData: { origin: 7 } }],
    ['TAP_MALFORMED', { clientData: { type: 'webauthn.create' } }],
    ['TAP_CHALLENGE_WRONG', { clientData: { challenge: toBase64Url(new Uint8Array(32)) } }],
    ['TAP_SIGNATURE_INVALID', { breakSignature: true }],
  ]
  it.each(faults)('is called %s with %o', (code, change) => {
    expect(check(key.tap(challenge, change), key)).toBe(code)
  })

  it('fails with any byte of it changed, and never throws', () => {
    const honest = key.tap(challenge)
    fc.assert(
      fc.property(
        fc.constantFrom('authenticatorData', 'clientDataJSON', 'signature'),
        fc.nat(400),
        fc.integer({ min: 1, max: 255 }),
        (part, position, mask) => {
          const bytes = fromBase64Url(honest[part])
          const at = position % bytes.length
          bytes[at]! ^= mask
          expect(check({ ...honest, [part]: toBase64Url(bytes) }, key)).not.toBeNull()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is no tap by another key', () => {
    expect(check(key.tap(challenge), createTestSecurityKey(createByteSource('other'), algorithm))).toBe(
      'TAP_SIGNATURE_INVALID',
    )
  })
})

describe('a tap', () => {
  it('of garbage is malformed', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (authenticatorData, clientDataJSON, signature) => {
        expect(check({ authenticatorData, clientDataJSON, signature })).toBe('TAP_MALFORMED')
      }),
    )
    for (const clientData of ['null', '[]', '"x"', '{', '7']) {
      const assertion = { ...keys.ES256.tap(challenge), clientDataJSON: toBase64Url(utf8(clientData)) }
      expect(check(assertion)).toBe('TAP_MALFORMED')
      expect(claimedChallenge(assertion)).toBeNull()
    }
  })

  it('tells the challenge it claims', () => {
    expect(toHex(claimedChallenge(keys.ES256.tap(challenge))!)).toBe(toHex(challenge))
  })

  it('is judged alike by SimpleWebAuthn', async () => {
    // COSE_Key of an ES256 key (RFC 9053): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    const { publicKey, credentialId } = keys.ES256
    if (publicKey.kty !== 'EC') throw new Error('an EC key')
    const cose = Uint8Array.from([
      ...[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20],
      ...fromBase64Url(publicKey.x),
      ...[0x22, 0x58, 0x20],
      ...fromBase64Url(publicKey.y),
    ])
    for (const change of [
      {},
      { breakSignature: true },
      { flags: 0x01 },
      { rpId: 'x.example' },
      { origin: 'https://x.example' },
    ]) {
      const assertion = keys.ES256.tap(challenge, change)
      const judged = verifyAuthenticationResponse({
        response: {
          id: credentialId,
          rawId: credentialId,
          response: assertion,
          clientExtensionResults: {},
          type: 'public-key',
        },
        expectedChallenge: toBase64Url(challenge),
        expectedOrigin: 'https://halligan.localhost',
        expectedRPID: tapSource.rpId,
        requireUserVerification: true,
        credential: { id: credentialId, publicKey: cose, counter: 0 },
      }).then(
        ({ verified }) => verified,
        () => false,
      )
      expect(await judged).toBe(check(assertion) === null)
    }
  })
})

describe('a challenge', () => {
  it('is SHA-256 of domain and canonical statement', () => {
    const expected = nodePrimitives.sha256(utf8('halligan/act/v1\n{"a":1,"b":[]}'))
    expect(toHex(challengeOf(nodePrimitives, 'act', { b: [], a: 1 }))).toBe(toHex(expected))
    expect(toHex(challengeOf(nodePrimitives, 'request', { b: [], a: 1 }))).not.toBe(toHex(expected))
  })
})

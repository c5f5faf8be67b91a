import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../shared/bytes.ts'
import { createSoftwareKey } from '../../support/software-key.ts'

const origin = 'https://halligan.localhost'
const rpId = 'halligan.localhost'

describe.each(['ES256', 'EdDSA'] as const)('software key (%s)', (alg) => {
  it('registers and asserts bytes that an independent WebAuthn library accepts', async () => {
    const key = createSoftwareKey({ alg })
    const challenge = randomBytes(32)
    const made = key.register({ challenge, origin, rpId })
    const registered = await verifyRegistrationResponse({
      response: {
        id: key.credentialId,
        rawId: key.credentialId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          attestationObject: toBase64Url(made.attestationObject),
          clientDataJSON: toBase64Url(made.clientDataJSON),
        },
      },
      expectedChallenge: toBase64Url(challenge),
      expectedOrigin: origin,
      expectedRPID: rpId,
      supportedAlgorithmIDs: [-7, -8],
    })
    expect(registered.verified).toBe(true)
    const asserted = key.assert({ challenge, origin, rpId, prf: [randomBytes(32)] })
    const verified = await verifyAuthenticationResponse({
      response: {
        id: key.credentialId,
        rawId: key.credentialId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          authenticatorData: toBase64Url(asserted.authenticatorData),
          clientDataJSON: toBase64Url(asserted.clientDataJSON),
          signature: toBase64Url(asserted.signature),
        },
      },
      expectedChallenge: toBase64Url(challenge),
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: registered.registrationInfo!.credential,
    })
    expect(verified.verified).toBe(true)
    expect(asserted.prf).toHaveLength(1)
  })
})

describe('software key PRF', () => {
  const prf = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const input = { challenge: new Uint8Array(32), origin, rpId, prf }
  it('is stable per input, and nothing without user verification', () => {
    const key = createSoftwareKey()
    const first = key.assert(input).prf
    expect(key.assert(input).prf).toEqual(first)
    expect(first[0]).not.toEqual(first[1])
    key.behaviour.uv = false
    expect(key.assert(input).prf).toEqual([])
  })
})

/** Whether a new security key is one we accept (WebAuthn Level 3, section 7.1). */
import { verifyRegistrationResponse } from '@simplewebauthn/server'
import { convertAAGUIDToString, decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { CreateAnswer } from '../../../shared/contracts/tap.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import { rpId } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { checkAttestation, type ModelDemand } from './attestation.ts'
import { acceptedAlgorithms, fromCose } from './cose.ts'
import { checkAuthenticatorData, checkClientData, parseOr } from './touch-bytes.ts'

export type Created = Extract<CreateAnswer, { ok: true }>

/**
 * Verifies a registration over `challenge` (32 bytes).
 * @param demand the models of which this key must prove to be one; null: any key will do.
 * @returns what the manifest will say of the key, without label and time.
 * @throws HalliganError TAP_MALFORMED, TAP_CHALLENGE_WRONG, TAP_ORIGIN_WRONG, TAP_RP_WRONG, TAP_NO_USER_PRESENCE,
 *   TAP_NO_USER_VERIFICATION, TAP_BACKUP_ELIGIBLE, TAP_ALGORITHM_UNSUPPORTED, TAP_SIGNATURE_INVALID (attestation); with a
 *   demand TAP_ATTESTATION_REFUSED {why, format}, TAP_MODEL_NOT_ALLOWED {model}.
 */
export async function verifyRegistration(
  created: Created,
  challenge: Uint8Array,
  isOrigin: (origin: string) => boolean,
  demand: ModelDemand | null,
): Promise<Pick<SecurityKey, 'credentialId' | 'publicKey' | 'aaguid' | 'transports' | 'attestation'>> {
  const origin = checkClientData(created.clientDataJSON, 'webauthn.create', challenge, isOrigin)
  const attested = parseOr(() => decodeAttestationObject(fromBase64Url(created.attestationObject)))
  const authData = parseOr(() => attested?.get('authData'))
  if (attested === undefined || authData === undefined) throw new HalliganError('TAP_MALFORMED')
  const { credentialPublicKey, credentialID, aaguid } = checkAuthenticatorData(authData)
  if (credentialPublicKey === undefined || credentialID === undefined || aaguid === undefined) {
    throw new HalliganError('TAP_MALFORMED')
  }
  // The answer's own word for the id must be the one inside what was attested.
  if (toBase64Url(credentialID) !== created.key) throw new HalliganError('TAP_MALFORMED')
  const publicKey = fromCose(credentialPublicKey)
  const model = convertAAGUIDToString(aaguid)
  const attestation = checkAttestation(attested, model, demand)
  // What can still fail is the statement: its signature, or the certificate that made it.
  const refusal = (cause?: unknown): HalliganError =>
    demand === null
      ? new HalliganError('TAP_SIGNATURE_INVALID', {}, cause)
      : new HalliganError('TAP_ATTESTATION_REFUSED', { why: 'statement', format: 'packed' }, cause)
  const verdict = await verifyRegistrationResponse({
    response: {
      id: created.key,
      rawId: created.key,
      type: 'public-key',
      response: {
        attestationObject: created.attestationObject,
        clientDataJSON: created.clientDataJSON,
      },
      clientExtensionResults: {},
    },
    expectedChallenge: toBase64Url(challenge),
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...acceptedAlgorithms],
  }).catch((error: unknown) => {
    throw refusal(error)
  })
  if (!verdict.verified) throw refusal()
  return {
    credentialId: created.key,
    publicKey,
    aaguid: model,
    transports: created.transports,
    ...(attestation === undefined ? {} : { attestation }),
  }
}

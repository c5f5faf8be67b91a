/** Whether a touch is what it says: the decision is the library's, the reasons and the extra rules are ours. */
import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import { rpId, type Assertion } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { checkAuthenticatorData, checkClientData, parseOr } from './touch-bytes.ts'

/**
 * Verifies one assertion by `key` over `challenge` (WebAuthn Level 3, section 7.2).
 * @param challenge 32 bytes.
 * @param isOrigin for a tap being taken only the origin of the page that was asked, for a kept one any that taps come from.
 * @returns the authenticator's signature counter (0 = it keeps none). Counters are not judged here: going back is an
 *   alert for people, never a lock-out in an emergency.
 * @throws HalliganError TAP_MALFORMED, TAP_CHALLENGE_WRONG, TAP_ORIGIN_WRONG, TAP_RP_WRONG, TAP_NO_USER_PRESENCE,
 *   TAP_NO_USER_VERIFICATION, TAP_BACKUP_ELIGIBLE, TAP_SIGNATURE_INVALID.
 */
export async function verifyAssertion(
  key: Pick<SecurityKey, 'credentialId'>,
  cosePublicKey: Uint8Array<ArrayBuffer>,
  assertion: Assertion,
  challenge: Uint8Array,
  isOrigin: (origin: string) => boolean,
): Promise<{ readonly signCount: number }> {
  const origin = checkClientData(assertion.clientDataJSON, 'webauthn.get', challenge, isOrigin)
  const bytes = parseOr(() => fromBase64Url(assertion.authenticatorData))
  if (bytes === undefined) throw new HalliganError('TAP_MALFORMED')
  checkAuthenticatorData(bytes)
  const verdict = await verifyAuthenticationResponse({
    response: {
      id: key.credentialId,
      rawId: key.credentialId,
      type: 'public-key',
      response: assertion,
      clientExtensionResults: {},
    },
    expectedChallenge: toBase64Url(challenge),
    expectedOrigin: origin,
    expectedRPID: rpId,
    // -1: whatever the counter says is for people to judge, see above.
    credential: { id: key.credentialId, publicKey: cosePublicKey, counter: -1 },
    requireUserVerification: true,
  }).catch((error: unknown) => {
    // Everything but the signature was checked above.
    throw new HalliganError('TAP_SIGNATURE_INVALID', {}, error)
  })
  if (!verdict.verified) throw new HalliganError('TAP_SIGNATURE_INVALID')
  return { signCount: verdict.authenticationInfo.newCounter }
}

/** What client data and authenticator data say, each rule with its own code (WebAuthn Level 3, sections 7.1 and 7.2). */
import { parseAuthenticatorData } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import { fromBase64Url, fromUtf8, sameBytes, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { rpId } from '../../../shared/domain/tap.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'

/** Members that are checked; others may be there (the specification says verifiers must tolerate them). */
const clientDataSchema = z.looseObject({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
})

export type AuthenticatorData = ReturnType<typeof parseAuthenticatorData>

const refuseUnless = (holds: boolean, code: ErrorCode): void => {
  if (!holds) throw new HalliganError(code)
}

/**
 * Checks type, challenge and origin of a base64url `clientDataJSON`.
 * @returns the origin.
 * @throws HalliganError TAP_MALFORMED, TAP_CHALLENGE_WRONG, TAP_ORIGIN_WRONG.
 */
export function checkClientData(
  clientDataJSON: string,
  type: 'webauthn.create' | 'webauthn.get',
  challenge: Uint8Array,
  isOrigin: (origin: string) => boolean,
): string {
  const data = clientDataSchema.safeParse(parseOr(() => JSON.parse(fromUtf8(fromBase64Url(clientDataJSON))) as unknown))
  if (!data.success || data.data.type !== type) throw new HalliganError('TAP_MALFORMED')
  refuseUnless(data.data.challenge === toBase64Url(challenge), 'TAP_CHALLENGE_WRONG')
  refuseUnless(isOrigin(data.data.origin), 'TAP_ORIGIN_WRONG')
  // A frame inside somebody else's page: our tap page never is one.
  refuseUnless(data.data.crossOrigin !== true && data.data.topOrigin === undefined, 'TAP_ORIGIN_WRONG')
  return data.data.origin
}

/**
 * Checks RP ID, UP, UV and BE.
 * @throws HalliganError TAP_MALFORMED, TAP_RP_WRONG, TAP_NO_USER_PRESENCE, TAP_NO_USER_VERIFICATION, TAP_BACKUP_ELIGIBLE.
 */
export function checkAuthenticatorData(bytes: Uint8Array<ArrayBuffer>): AuthenticatorData {
  const data = parseOr(() => parseAuthenticatorData(bytes))
  if (data === undefined) throw new HalliganError('TAP_MALFORMED')
  refuseUnless(sameBytes(data.rpIdHash, nodePrimitives.sha256(utf8(rpId))), 'TAP_RP_WRONG')
  refuseUnless(data.flags.up, 'TAP_NO_USER_PRESENCE')
  refuseUnless(data.flags.uv, 'TAP_NO_USER_VERIFICATION')
  // A synced passkey can be copied to a machine that nobody here has seen.
  refuseUnless(!data.flags.be && !data.flags.bs, 'TAP_BACKUP_ELIGIBLE')
  return data
}

/** The result of `parse`, or undefined when it throws: what comes from a page may be anything. */
export function parseOr<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

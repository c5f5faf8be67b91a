/**
 * Our own small reading of WebAuthn assertions (Level 3, section 7.2), for whoever checks kept taps: the log's verifier,
 * the vault process, the manifest chain. Pure, so that an auditor's machine needs no WebAuthn library.
 */
import { concatBytes, fromBase64Url, fromUtf8, sameBytes, toBase64Url, utf8 } from '../bytes.ts'
import { canonicalMessage, type Purpose } from '../canonical.ts'
import type { SecurityKeyPublicKey } from '../domain/manifest.ts'
import { isTapOrigin, rpId, type Assertion } from '../domain/tap.ts'
import type { ErrorCode } from '../errors.ts'
import type { Primitives } from '../primitives.ts'

/** What can be wrong with a tap by itself. */
export type TapProblem = Extract<
  ErrorCode,
  | 'TAP_MALFORMED'
  | 'TAP_CHALLENGE_WRONG'
  | 'TAP_ORIGIN_WRONG'
  | 'TAP_RP_WRONG'
  | 'TAP_NO_USER_PRESENCE'
  | 'TAP_NO_USER_VERIFICATION'
  | 'TAP_BACKUP_ELIGIBLE'
  | 'TAP_SIGNATURE_INVALID'
>

export interface TapCheck {
  readonly assertion: Assertion
  readonly publicKey: SecurityKeyPublicKey
  /** 32 bytes: {@link challengeOf} the statement that was approved. */
  readonly challenge: Uint8Array
  readonly isOrigin: (origin: string) => boolean
  readonly rpId: string
}

/** Where kept taps may come from, and for which relying party. */
export const tapSource = { isOrigin: isTapOrigin, rpId } as const

/** WebAuthn challenge of a statement: SHA-256 of its canonical message. */
export const challengeOf = (
  { sha256 }: Pick<Primitives, 'sha256'>,
  purpose: Extract<Purpose, 'request' | 'act' | 'joint' | 'enrolment' | 'manifest'>,
  statement: unknown,
): Uint8Array<ArrayBuffer> => sha256(canonicalMessage(purpose, statement))

/** Flags byte of authenticator data (section 6.1). */
const flag = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40, ed: 0x80 } as const
const flagsOffset = 32
/** RP ID hash, flags, signature counter. */
const fixedLength = 37

/** The members of client data as an object; null when it is not JSON text of an object. */
function readClientData(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

function checkClientData(bytes: Uint8Array, check: TapCheck): TapProblem | null {
  const data = readClientData(bytes)
  if (data?.['type'] !== 'webauthn.get') return 'TAP_MALFORMED'
  if (data['challenge'] !== toBase64Url(check.challenge)) return 'TAP_CHALLENGE_WRONG'
  const origin = data['origin']
  if (typeof origin !== 'string' || !check.isOrigin(origin)) return 'TAP_ORIGIN_WRONG'
  // A page of ours inside somebody else's frame: the person saw what that frame wanted them to see.
  const crossOrigin = data['crossOrigin']
  if ((crossOrigin !== undefined && crossOrigin !== false) || 'topOrigin' in data) return 'TAP_ORIGIN_WRONG'
  return null
}

function checkAuthenticatorData(primitives: Primitives, bytes: Uint8Array, check: TapCheck): TapProblem | null {
  const flags = bytes[flagsOffset]
  if (flags === undefined || bytes.length < fixedLength) return 'TAP_MALFORMED'
  if (!sameBytes(bytes.subarray(0, flagsOffset), primitives.sha256(utf8(check.rpId)))) return 'TAP_RP_WRONG'
  if ((flags & flag.up) === 0) return 'TAP_NO_USER_PRESENCE'
  if ((flags & flag.uv) === 0) return 'TAP_NO_USER_VERIFICATION'
  // A synced passkey lives in somebody's cloud account, not in somebody's hand.
  if ((flags & (flag.be | flag.bs)) !== 0) return 'TAP_BACKUP_ELIGIBLE'
  const hasExtensions = (flags & flag.ed) !== 0
  if ((flags & flag.at) !== 0 || hasExtensions !== bytes.length > fixedLength) return 'TAP_MALFORMED'
  return null
}

function verifySignature(
  primitives: Primitives,
  key: SecurityKeyPublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const x = fromBase64Url(key.x)
  return key.kty === 'EC'
    ? primitives.verifyP256(x, fromBase64Url(key.y), message, signature)
    : primitives.verifyEd25519(x, message, signature)
}

/**
 * Checks a kept tap: client data, authenticator data, signature. Whether the key belongs to a person who may tap is the
 * caller's question.
 * @returns null when the tap is good, else the first problem. Never throws on bad input.
 */
export function checkTapSignature(primitives: Primitives, check: TapCheck): TapProblem | null {
  try {
    const clientData = fromBase64Url(check.assertion.clientDataJSON)
    const authenticatorData = fromBase64Url(check.assertion.authenticatorData)
    const problem = checkClientData(clientData, check) ?? checkAuthenticatorData(primitives, authenticatorData, check)
    if (problem !== null) return problem
    const message = concatBytes(authenticatorData, primitives.sha256(clientData))
    const signature = fromBase64Url(check.assertion.signature)
    return verifySignature(primitives, check.publicKey, message, signature) ? null : 'TAP_SIGNATURE_INVALID'
  } catch {
    return 'TAP_MALFORMED'
  }
}

/** Challenge that an assertion itself claims; null when it cannot be read. For taps whose statement is not kept. */
export function claimedChallenge(assertion: Assertion): Uint8Array<ArrayBuffer> | null {
  try {
    const claimed = readClientData(fromBase64Url(assertion.clientDataJSON))?.['challenge']
    return typeof claimed === 'string' ? fromBase64Url(claimed) : null
  } catch {
    return null
  }
}

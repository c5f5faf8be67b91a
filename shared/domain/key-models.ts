/** Which models of security key a custodian may use, from the policies of their safes. */
import type { ErrorCode } from '../errors.ts'
import type { KeyModel, SafePolicy, SecurityKey } from './manifest.ts'

type Policies = readonly { readonly policy: Pick<SafePolicy, 'models'> }[]

/**
 * AAGUIDs that every one of these safes allows: one key serves all safes of its owner.
 * @returns null when none of them names models: any key will do.
 */
export function allowedModels(safes: Policies): ReadonlySet<string> | null {
  const lists = safes.flatMap(({ policy }) => (policy.models === undefined ? [] : [policy.models]))
  const [first, ...others] = lists
  if (first === undefined) return null
  return new Set(first.filter((aaguid) => others.every((list) => list.includes(aaguid))))
}

/** {@link allowedModels}, each with its name and roots as pinned in `models`. */
export function allowedKeyModels(safes: Policies, models: readonly KeyModel[]): KeyModel[] | null {
  const allowed = allowedModels(safes)
  return allowed === null ? null : models.filter(({ aaguid }) => allowed.has(aaguid))
}

/** Why a key may not be a custodian's of these safes; null when it may. The statement itself was checked at enrolment. */
export function checkKeyModel(
  key: Pick<SecurityKey, 'aaguid' | 'attestation'>,
  safes: Policies,
): Extract<ErrorCode, 'TAP_ATTESTATION_REFUSED' | 'TAP_MODEL_NOT_ALLOWED'> | null {
  const allowed = allowedModels(safes)
  if (allowed === null) return null
  if (key.attestation === undefined) return 'TAP_ATTESTATION_REFUSED'
  return allowed.has(key.aaguid) ? null : 'TAP_MODEL_NOT_ALLOWED'
}

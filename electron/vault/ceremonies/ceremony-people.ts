/** Who may do what in a ceremony. */
import { mayCancel } from '../../../shared/audit/ceremony-ledger.ts'
import { leadNow, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import type { Manifest, Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Registry } from '../people/registry.ts'

/** Somebody who must tap, and can. @throws HalliganError PERSON_UNKNOWN, SETUP_INCOMPLETE {people} */
export function requireWithKey(registry: Registry, id: string): Person {
  const person = registry.requirePerson(id)
  if (person.keys.length === 0) throw new HalliganError('SETUP_INCOMPLETE', { people: person.name })
  return person
}

/**
 * A lead signs for the script; that is for people the vault trusts with something already.
 * @throws HalliganError PERSON_UNKNOWN, SETUP_INCOMPLETE, POLICY_INVALID {field: 'lead'}
 */
export function requireLead(registry: Registry, id: string): Person {
  const person = requireWithKey(registry, id)
  if (person.roles.includes('lead') || person.roles.includes('custodian')) return person
  throw new HalliganError('POLICY_INVALID', { field: 'lead', why: 'may-not-lead', name: person.name })
}

/** @throws HalliganError PERSON_UNKNOWN, SETUP_INCOMPLETE, POLICY_INVALID {field: 'witnesses'} */
export function requireWitnesses(registry: Registry, lead: string, witnesses: readonly string[]): void {
  if (new Set([lead, ...witnesses]).size !== witnesses.length + 1) {
    throw new HalliganError('POLICY_INVALID', { field: 'witnesses', why: 'twice' })
  }
  for (const id of witnesses) requireWithKey(registry, id)
}

/** True when `person` may put their initials to this step: the lead always, else whom the script names, or anybody of its role. */
export function mayFinish(
  ceremony: Pick<TrackedCeremony, 'opened' | 'exceptions'>,
  { role, person: named }: ScriptStep,
  { id, roles }: Person,
): boolean {
  if (id === leadNow(ceremony)) return true
  if (named !== null) return id === named
  switch (role) {
    case 'all':
      return true
    case 'lead':
      return false
    case 'witness':
      return ceremony.opened.data.witnesses.includes(id)
    default:
      return roles.includes(role)
  }
}

/** @throws HalliganError POLICY_INVALID {field: 'person'} for an outsider */
export function requireMayCancel(
  manifest: Manifest,
  ceremony: Pick<TrackedCeremony, 'opened' | 'exceptions'>,
  person: Person,
): void {
  if (mayCancel(manifest, leadNow(ceremony), person.id)) return
  throw new HalliganError('POLICY_INVALID', { field: 'person', why: 'may-not-give-up', name: person.name })
}

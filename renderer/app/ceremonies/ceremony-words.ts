/** Words about ceremonies: kinds, roles, initials. */
import type { AppState } from '../../../shared/contracts/app.ts'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import type { CeremonyKind, ScriptStep } from '../../../shared/domain/ceremony.ts'
import { roleNames } from '../../ui/role-names.ts'

/** Each kind with what it is for. */
export const kinds: Readonly<Record<CeremonyKind, { readonly name: string; readonly what: string }>> = {
  rotation: {
    name: 'Rotation',
    what: 'Credentials that are due are changed where they are used, sealed anew and proven to open; old versions are erased.',
  },
  people: {
    name: 'People',
    what: 'Somebody joins, leaves or is replaced, or another number of custodians is asked for. Prepare the change first.',
  },
  drill: {
    name: 'Drill',
    what: 'Every key and every safe that is due proves that it still works. Nothing is revealed.',
  },
  'table-top': {
    name: 'Table-top exercise',
    what: 'The whole way of breaking the glass, on a practice credential whose secret is worth nothing.',
  },
}

/** Who does a step: the person where there is one, else the role. */
export function describeRole({ role, person }: ScriptStep, nameOf: (id: string) => string): string {
  const name = role === 'all' ? 'Everybody' : roleNames[role]
  return person === null ? name : `${nameOf(person)}, ${name.toLowerCase()}`
}

/** The first letters of the words of `name`, at most four; what somebody may correct. */
export function suggestInitials(name: string): string {
  const letters = name
    .split(/[\s-]+/u)
    .map((word) => /\p{L}/u.exec(word)?.[0] ?? '')
    .filter((letter) => letter !== '')
  return /^\p{Lu}{1,4}/u.exec(letters.join('').toLocaleUpperCase())?.[0] ?? ''
}

const initialsBefore = ({ steps }: Pick<CeremonyView, 'steps'>, person: string): string | undefined =>
  steps.findLast(({ finished }) => finished?.person === person)?.finished?.initials

/** What `person` signed with before in this ceremony, or what their name suggests. */
export const recallInitials = (ceremony: Pick<CeremonyView, 'steps'>, person: string, name: string): string =>
  initialsBefore(ceremony, person) ?? suggestInitials(name)

/**
 * Whether initials may be somebody else's: neither what `person` signed with before nor what their name suggests. Said and not
 * refused: people know their own.
 */
export function doubtInitials(
  ceremony: Pick<CeremonyView, 'steps'>,
  person: string,
  name: string,
  initials: string,
): string | null {
  const before = initialsBefore(ceremony, person)
  const suggested = suggestInitials(name)
  if (initials === before || initials === suggested) return null
  if (before !== undefined) return `Are these ${name}’s? In this ceremony they signed with ${before} so far.`
  return suggested === '' ? null : `Are these ${name}’s? Their name gives ${suggested}.`
}

/** `Step 7 of 22`. */
export const describePlace = ({ now, steps }: Pick<CeremonyView, 'now' | 'steps'>): string =>
  now < steps.length ? `Step ${now + 1} of ${steps.length}` : `All ${steps.length} steps are finished`

/** Who can lead where the lead has to leave. */
export function mayTakeOver(
  { lead, exceptions }: Pick<CeremonyView, 'lead' | 'exceptions'>,
  { id, roles, keys }: Pick<AppState['persons'][number], 'id' | 'roles' | 'keys'>,
): boolean {
  if (id === lead || keys.length === 0 || exceptions.some(({ absent }) => absent === id)) return false
  return roles.includes('lead') || roles.includes('custodian')
}

/** Whom the vault lets put initials to a step: the lead always, else whom the script names, or anybody of its role. */
export function mayFinish(
  { lead, witnesses }: Pick<CeremonyView, 'lead' | 'witnesses'>,
  { role, person }: ScriptStep,
  { id, roles }: Pick<AppState['persons'][number], 'id' | 'roles'>,
): boolean {
  if (id === lead) return true
  if (person !== null) return id === person
  if (role === 'all') return true
  if (role === 'lead') return false
  return role === 'witness' ? witnesses.includes(id) : roles.includes(role)
}

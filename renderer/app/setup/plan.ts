/** The plan being made: people, safes, and what is still wrong with it. */
import type { Plan } from '../../../shared/contracts/plan.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { KeyModel, Role } from '../../../shared/domain/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { mapVetoers } from '../waiting/waiting-words.ts'

export type PlannedPerson = Plan['people'][number]
export type PlannedSafe = Plan['safes'][number]

/** 16 random bytes, base64url. */
export const createId = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)))

/** One line, as names are stored: trimmed, single spaces. */
export const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** A person with the roles most have. */
export const createPerson = (roles: readonly Role[] = ['custodian', 'requester']): PlannedPerson => ({
  id: createId(),
  name: '',
  roles: [...roles],
})

/** More than half, and never fewer than two: nobody alone, and one absent person stops nothing. */
export const usualThreshold = (custodians: number): number =>
  Math.max(limits.thresholdMin, Math.floor(custodians / 2) + 1)

/** A safe that all custodians hold. */
export const createSafe = (people: readonly PlannedPerson[], name: string): PlannedSafe => {
  const custodians = people.filter(({ roles }) => roles.includes('custodian')).map(({ id }) => id)
  return {
    id: createId(),
    name,
    threshold: Math.min(usualThreshold(custodians.length), Math.max(limits.thresholdMin, custodians.length)),
    custodians,
    policy: { windowSecondsMin: 30, windowSecondsMax: 300, requesterMayTap: true, copyAllowed: false },
  }
}

/** Everybody who is a custodian of some safe. */
export const allCustodians = (safes: readonly PlannedSafe[]): readonly string[] => [
  ...new Set(safes.flatMap(({ custodians }) => custodians)),
]

/** `policy` with these models named, or none. */
export function nameModels({ models: _before, ...policy }: PlannedSafe['policy'], models: string[] | undefined) {
  return models === undefined ? policy : { ...policy, models }
}

/** `policy` with a passphrase besides each key, or without. */
export function askPassphrase({ passphrase: _before, ...policy }: PlannedSafe['policy'], isAsked: boolean) {
  return isAsked ? { ...policy, passphrase: true as const } : policy
}

/** Models whose name or number holds every word of `search`. */
export function matchModels(models: readonly KeyModel[], search: string): KeyModel[] {
  const words = tidy(search).toLowerCase().split(' ')
  return models.filter(({ name, aaguid }) => words.every((word) => `${name} ${aaguid}`.toLowerCase().includes(word)))
}

/** Of the models known here, those that `safes` name: what the plan pins. */
export const namedModels = (safes: readonly PlannedSafe[], known: readonly KeyModel[]): KeyModel[] =>
  known.filter(({ aaguid }) => safes.some(({ policy }) => policy.models?.includes(aaguid) === true))

/** Removes from `safes` whoever is no custodian any more, and keeps thresholds possible. */
export function fitSafes(safes: readonly PlannedSafe[], people: readonly PlannedPerson[]): PlannedSafe[] {
  const able = new Set(people.filter(({ roles }) => roles.includes('custodian')).map(({ id }) => id))
  return safes.map((safe) => {
    const custodians = safe.custodians.filter((id) => able.has(id))
    return {
      ...safe,
      custodians,
      threshold: Math.max(limits.thresholdMin, Math.min(safe.threshold, custodians.length)),
      policy: mapVetoers(safe.policy, (vetoers) => vetoers.filter((id) => people.some((one) => one.id === id))),
    }
  })
}

/** The signatures that the next change of the plan needs: at least two, at most everybody. */
export const fitQuorum = (quorum: number, safes: readonly PlannedSafe[]): number =>
  Math.max(limits.thresholdMin, Math.min(quorum, Math.max(limits.thresholdMin, allCustodians(safes).length)))

/** What stops the people from being saved, as sentences by person id; `all` is about everybody. */
export function checkPeople(people: readonly PlannedPerson[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>()
  const seen = new Map<string, string>()
  for (const person of people) {
    const name = tidy(person.name).toLowerCase()
    if (name === '') problems.set(person.id, 'Enter a name.')
    else if (seen.has(name))
      problems.set(person.id, 'This name is in the list already. Add something that tells the two apart.')
    else if (person.roles.length === 0) problems.set(person.id, 'Choose at least one role.')
    seen.set(name, person.id)
  }
  const custodians = people.filter(({ roles }) => roles.includes('custodian')).length
  if (custodians < limits.thresholdMin) problems.set('all', 'At least two people must be custodians.')
  else if (!people.some(({ roles }) => roles.includes('requester')))
    problems.set('all', 'At least one person must be a requester.')
  return problems
}

/** What stops the safes from being saved, as sentences by safe id. */
export function checkSafes(safes: readonly PlannedSafe[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>()
  const seen = new Set<string>()
  for (const safe of safes) {
    const name = tidy(safe.name).toLowerCase()
    if (name === '') problems.set(safe.id, 'Give the safe a name.')
    else if (seen.has(name)) problems.set(safe.id, 'Another safe has this name.')
    else if (safe.custodians.length < limits.thresholdMin)
      problems.set(safe.id, 'A safe needs at least two custodians.')
    else if (safe.threshold > safe.custodians.length)
      problems.set(safe.id, 'More taps are asked for than there are custodians.')
    else if (safe.policy.windowSecondsMin > safe.policy.windowSecondsMax)
      problems.set(safe.id, 'The shortest viewing time is longer than the longest.')
    else if (safe.policy.delay?.vetoers.length === 0)
      problems.set(safe.id, 'Choose at least one person who can stop a request while it waits.')
    else if (safe.policy.models?.length === 0)
      problems.set(safe.id, 'Choose at least one model of key for this safe, or allow any.')
    seen.add(name)
  }
  if (safes.length === 0) problems.set('all', 'There must be at least one safe.')
  return problems
}

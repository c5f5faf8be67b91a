/** A change of people being made up: from who holds what now, one step at a time. */
import type { AppState, CredentialView } from '../../../shared/contracts/app.ts'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import { limits } from '../../../shared/limits.ts'
import { formatSeconds } from '../../../shared/quantities.ts'
import { listOr, mapVetoers, type Delay } from '../waiting/waiting-words.ts'
import { createId, createPerson, fitQuorum, tidy, type PlannedPerson, type PlannedSafe } from '../setup/plan.ts'

/** Who holds what now, as a change that changes nothing. */
export const startChange = ({ persons, safes, vault }: AppState): PeopleChange => ({
  people: persons.map(({ id, name, roles }) => ({ id, name, roles: [...roles] })),
  safes: safes.map(({ drilled: _drilled, ...safe }) => ({ ...safe, custodians: [...safe.custodians] })),
  quorum: vault?.quorum ?? limits.thresholdMin,
  moves: [],
})

const fitThreshold = (safe: PlannedSafe, custodians: readonly string[]): PlannedSafe => ({
  ...safe,
  custodians: [...custodians],
  threshold: Math.max(limits.thresholdMin, Math.min(safe.threshold, custodians.length)),
})

const loseCustodian = (safe: PlannedSafe, person: string): PlannedSafe => {
  const left = safe.custodians.filter((one) => one !== person)
  return left.length === safe.custodians.length ? safe : fitThreshold(safe, left)
}

const withSafes = (change: PeopleChange, safes: PlannedSafe[]): PeopleChange => ({
  ...change,
  safes,
  quorum: fitQuorum(change.quorum, safes),
})

/** Without the person, in no safe any more. */
export const removePerson = (change: PeopleChange, id: string): PeopleChange => ({
  ...withSafes(
    change,
    change.safes
      .map((safe) => loseCustodian(safe, id))
      .map((safe) => ({ ...safe, policy: mapVetoers(safe.policy, (vetoers) => vetoers.filter((one) => one !== id)) })),
  ),
  people: change.people.filter((person) => person.id !== id),
})

/** Somebody new in the place of `id`: the same roles, the same safes, their own keys. */
export function replacePerson(change: PeopleChange, id: string, name: string): PeopleChange {
  const leaver = change.people.find((person) => person.id === id)
  if (leaver === undefined) return change
  const newcomer = { ...createPerson(leaver.roles), name }
  return {
    ...change,
    people: change.people.map((person) => (person.id === id ? newcomer : person)),
    safes: change.safes.map((safe) => ({
      ...safe,
      custodians: safe.custodians.map((one) => (one === id ? newcomer.id : one)),
      policy: mapVetoers(safe.policy, (vetoers) => vetoers.map((one) => (one === id ? newcomer.id : one))),
    })),
  }
}

/** One more, custodian of `safes`. */
export function addPerson(change: PeopleChange, person: PlannedPerson, safes: readonly string[]): PeopleChange {
  return {
    ...change,
    people: [...change.people, person],
    safes: change.safes.map((safe) =>
      safes.includes(safe.id) ? { ...safe, custodians: [...safe.custodians, person.id] } : safe,
    ),
  }
}

/** Other roles; who is custodian no more holds nothing any more. */
export function setRoles(change: PeopleChange, person: PlannedPerson): PeopleChange {
  const next = { ...change, people: change.people.map((one) => (one.id === person.id ? person : one)) }
  if (person.roles.includes('custodian')) return next
  return withSafes(
    next,
    next.safes.map((safe) => loseCustodian(safe, person.id)),
  )
}

/** Back in, with what they hold now. */
export function keepPerson(change: PeopleChange, state: AppState, id: string): PeopleChange {
  const person = state.persons.find((one) => one.id === id)
  if (person === undefined) return change
  const holds = state.safes.filter(({ custodians }) => custodians.includes(id)).map((safe) => safe.id)
  return addPerson(change, { id, name: person.name, roles: [...person.roles] }, holds)
}

/** `safe` as it shall be. */
export const setSafe = (change: PeopleChange, safe: PlannedSafe): PeopleChange =>
  withSafes(
    change,
    change.safes.map((one) => (one.id === safe.id ? safe : one)),
  )

/** Custodians of a safe, with a threshold that stays possible. */
export const setCustodians = (change: PeopleChange, safe: PlannedSafe, custodians: readonly string[]): PeopleChange =>
  setSafe(change, fitThreshold(safe, custodians))

/** A new safe with the custodians and policy of `safe`; these credentials go there. */
export function splitSafe(
  change: PeopleChange,
  safe: PlannedSafe,
  name: string,
  credentials: readonly string[],
): PeopleChange {
  const split = { ...safe, id: createId(), name: tidy(name), custodians: [...safe.custodians] }
  return {
    ...change,
    safes: [...change.safes, split],
    moves: [
      ...change.moves.filter(({ credential }) => !credentials.includes(credential)),
      ...credentials.map((credential) => ({ credential, safe: split.id })),
    ],
  }
}

/** Takes a safe out again that the change had added. */
export const joinSafe = (change: PeopleChange, id: string): PeopleChange => ({
  ...withSafes(
    change,
    change.safes.filter((safe) => safe.id !== id),
  ),
  moves: change.moves.filter(({ safe }) => safe !== id),
})

/** Credentials that would lie in `safe` after the change. */
export const credentialsIn = (
  change: PeopleChange,
  credentials: readonly CredentialView[],
  safe: string,
): readonly CredentialView[] =>
  credentials.filter(
    (credential) => (change.moves.find((move) => move.credential === credential.id)?.safe ?? credential.safe) === safe,
  )

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`

function describeDelay(
  safe: string,
  before: Delay | undefined,
  after: Delay | undefined,
  nameOf: (id: string) => string,
): string[] {
  if (after === undefined) return before === undefined ? [] : [`Requests on “${safe}” wait no longer.`]
  const isSame =
    before?.seconds === after.seconds && before.vetoers.toSorted().join() === after.vetoers.toSorted().join()
  if (isSame) return []
  return [
    `Requests on “${safe}” wait ${formatSeconds(after.seconds)}; ${listOr(after.vetoers.map(nameOf))} can stop them.`,
  ]
}

/** What `change` would change, in sentences. */
export function describeChange(change: PeopleChange, state: AppState): readonly string[] {
  const lines: string[] = []
  const now = new Map(state.persons.map((person) => [person.id, person]))
  const nameOf = (id: string): string =>
    change.people.find((person) => person.id === id)?.name ?? now.get(id)?.name ?? 'Somebody'
  const added = change.people.filter(({ id }) => !now.has(id))
  const gone = state.persons.filter(({ id }) => !change.people.some((person) => person.id === id))
  if (gone.length > 0) lines.push(`${listOf(gone.map(({ name }) => name))} ${gone.length === 1 ? 'leaves' : 'leave'}.`)
  if (added.length > 0) lines.push(`${listOf(added.map(({ name }) => name))} ${added.length === 1 ? 'joins' : 'join'}.`)
  for (const { id, name, roles } of change.people) {
    const before = now.get(id)?.roles
    if (before !== undefined && before.toSorted().join(' ') !== roles.toSorted().join(' '))
      lines.push(`${name} gets other roles.`)
  }
  for (const safe of change.safes) {
    const before = state.safes.find(({ id }) => id === safe.id)
    const size = `${String(safe.threshold)} of ${String(safe.custodians.length)}`
    if (before === undefined) {
      const moved = change.moves.filter((move) => move.safe === safe.id).length
      lines.push(
        `“${safe.name}” is a new safe (${size}); ${String(moved)} ${moved === 1 ? 'credential goes' : 'credentials go'} there.`,
      )
      continue
    }
    const lost = before.custodians.filter((id) => !safe.custodians.includes(id)).map(nameOf)
    const won = safe.custodians.filter((id) => !before.custodians.includes(id)).map(nameOf)
    if (lost.length > 0)
      lines.push(`${listOf(lost)} no longer ${lost.length === 1 ? 'holds' : 'hold'} a share of “${before.name}”.`)
    if (won.length > 0) lines.push(`${listOf(won)} ${won.length === 1 ? 'gets' : 'get'} a share of “${before.name}”.`)
    if (before.threshold !== safe.threshold || before.custodians.length !== safe.custodians.length)
      lines.push(
        `“${before.name}” is opened by ${size}, no longer by ${String(before.threshold)} of ${String(before.custodians.length)}.`,
      )
    lines.push(...describeDelay(before.name, before.policy.delay, safe.policy.delay, nameOf))
    if (before.name !== safe.name) lines.push(`“${before.name}” is called “${safe.name}”.`)
  }
  if (state.vault !== null && state.vault.quorum !== change.quorum)
    lines.push(`Changes need ${String(change.quorum)} signatures, no longer ${String(state.vault.quorum)}.`)
  return lines
}

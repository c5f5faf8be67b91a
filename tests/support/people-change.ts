/** Changes of people in tests of the whole app: what is wanted, who comes, who taps. */
import type { PeopleChange } from '../../shared/contracts/people-views.ts'
import type { AppState } from '../../shared/contracts/app.ts'
import { newId } from './node-app.ts'
import { createSoftwareKey } from './software-key.ts'
import { finish, firstKey, type JourneyApp, type TestPerson } from './vault-journey.ts'

export const makeTestPerson = (name: string, keys = 1): TestPerson => ({
  id: newId(),
  name,
  keys: Array.from({ length: keys }, () => createSoftwareKey()),
})

/** The change that changes nothing, to start from. */
export const sameAsNow = (state: AppState): PeopleChange => ({
  people: state.persons.map(({ id, name, roles }) => ({ id, name, roles: [...roles] })),
  safes: state.safes.map(({ id, name, threshold, custodians, policy }) => ({
    id,
    name,
    threshold,
    custodians: [...custodians],
    policy,
  })),
  quorum: state.vault?.quorum ?? 2,
  moves: [],
})

/** One person in the place of another, in every safe. */
export const replacePerson = (change: PeopleChange, old: string, fresh: TestPerson): PeopleChange => ({
  ...change,
  people: [
    ...change.people.filter(({ id }) => id !== old),
    { id: fresh.id, name: fresh.name, roles: ['custodian', 'requester'] },
  ],
  safes: change.safes.map((safe) => ({
    ...safe,
    custodians: safe.custodians.map((person) => (person === old ? fresh.id : person)),
  })),
})

/** Somebody new comes with all their keys. `safes`: of how many they become a custodian. */
export async function arrive(journey: JourneyApp, person: TestPerson, safes = 1): Promise<void> {
  const touches = safes === 0 ? 2 : 1 + 2 * Math.ceil(safes / 2)
  for (const key of person.keys) for (let touch = 0; touch < touches; touch++) journey.tap.touch(key)
  const labels = person.keys.map((_, index) => `Key ${String(index + 1)}`)
  const { operation } = await journey.app.call['people.enrol']({ person: person.id, labels })
  await finish(journey, operation)
  journey.tap.forget()
}

/** Somebody joins further safes with the keys that they have. */
export async function join(journey: JourneyApp, person: TestPerson, safes = 1): Promise<void> {
  const touches = 2 * Math.ceil(safes / 2)
  for (const key of person.keys) for (let touch = 0; touch < touches; touch++) journey.tap.touch(key)
  const { operation } = await journey.app.call['people.enrol']({ person: person.id, labels: [] })
  await finish(journey, operation)
  journey.tap.forget()
}

/** Puts the change in force: `signers` tap in the first round, `checkers` in the second. */
export async function applyChange(
  journey: JourneyApp,
  signers: readonly TestPerson[],
  checkers: readonly TestPerson[],
): Promise<void> {
  for (const person of [...signers, ...checkers]) journey.tap.touch(firstKey(person))
  const { operation } = await journey.app.call['people.apply']({})
  await finish(journey, operation)
  journey.tap.forget()
}

/** Rules of a set-up plan that its schema cannot say. Pure. */
import type { Plan } from '../../../shared/contracts/plan.ts'
import { allowedModels } from '../../../shared/domain/key-models.ts'
import { HalliganError } from '../../../shared/errors.ts'

type Person = Plan['people'][number]
type PlannedSafe = Plan['safes'][number]

const refuse = (field: string, why: string, name = ''): never => {
  throw new HalliganError('POLICY_INVALID', { field, why, name })
}

const sameName = (a: string, b: string): boolean =>
  a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

/** Names are what people see when they approve: two that look alike would be a disguise. */
function checkUnique(what: 'people' | 'safes', items: readonly { readonly id: string; readonly name: string }[]): void {
  for (const [index, item] of items.entries()) {
    const earlier = items.slice(0, index)
    if (earlier.some(({ id }) => id === item.id)) refuse(`${what}.${index}.id`, 'twice', item.name)
    if (earlier.some(({ name }) => sameName(name, item.name))) refuse(`${what}.${index}.name`, 'twice', item.name)
  }
}

function checkSafe(safe: PlannedSafe, field: string, people: readonly Person[]): void {
  for (const [index, id] of safe.custodians.entries()) {
    const person = people.find((one) => one.id === id)
    if (person === undefined) refuse(`${field}.custodians.${index}`, 'unknown', safe.name)
    else if (!person.roles.includes('custodian')) refuse(`${field}.custodians.${index}`, 'not-custodian', person.name)
    if (safe.custodians.indexOf(id) !== index) refuse(`${field}.custodians.${index}`, 'twice', person?.name)
  }
  if (safe.threshold > safe.custodians.length) refuse(`${field}.threshold`, 'too-few-custodians', safe.name)
  const { windowSecondsMin, windowSecondsMax } = safe.policy
  if (windowSecondsMin > windowSecondsMax) refuse(`${field}.policy.windowSecondsMax`, 'shorter-than-min', safe.name)
  checkVetoers(safe, `${field}.policy.delay.vetoers`, people)
}

/** Who can stop a waiting request does it with a key: people of this plan, each named once. */
function checkVetoers({ name, policy }: PlannedSafe, field: string, people: readonly Person[]): void {
  const vetoers = policy.delay?.vetoers ?? []
  for (const [index, id] of vetoers.entries()) {
    const person = people.find((one) => one.id === id)
    if (person === undefined) refuse(`${field}.${index}`, 'vetoer-unknown', name)
    if (vetoers.indexOf(id) !== index) refuse(`${field}.${index}`, 'twice', person?.name)
  }
}

/** Models are pinned once, all of those named and no others; and nobody is left without one that they may use. */
function checkModels({ people, safes, models = [] }: Plan): void {
  const pinned = models.map(({ aaguid }) => aaguid)
  if (new Set(pinned).size !== pinned.length) refuse('models', 'twice')
  for (const [index, { name, policy }] of safes.entries()) {
    const named = policy.models ?? []
    if (named.some((aaguid) => !pinned.includes(aaguid))) refuse(`safes.${index}.policy.models`, 'unknown', name)
    if (new Set(named).size !== named.length) refuse(`safes.${index}.policy.models`, 'twice', name)
  }
  const isNamed = (aaguid: string): boolean => safes.some(({ policy }) => policy.models?.includes(aaguid) === true)
  if (!pinned.every(isNamed)) refuse('models', 'unused')
  for (const { id, name } of people) {
    const held = safes.filter(({ custodians }) => custodians.includes(id))
    if (allowedModels(held)?.size === 0) refuse('models', 'none-in-common', name)
  }
}

/** Everybody who is a custodian of some safe. */
export const plannedCustodians = (plan: Plan): Set<string> =>
  new Set(plan.safes.flatMap(({ custodians }) => custodians))

/**
 * Refuses a plan that contradicts itself. A plan without safes is allowed: people come first.
 * @throws HalliganError POLICY_INVALID {field, why, name}
 */
export function checkPlan(plan: Plan): void {
  checkUnique('people', plan.people)
  checkUnique('safes', plan.safes)
  for (const [index, person] of plan.people.entries()) {
    if (new Set(person.roles).size !== person.roles.length) refuse(`people.${index}.roles`, 'twice', person.name)
  }
  for (const [index, safe] of plan.safes.entries()) checkSafe(safe, `safes.${index}`, plan.people)
  checkModels(plan)
  if (plan.safes.length > 0 && plan.quorum > plannedCustodians(plan).size) refuse('quorum', 'too-few-custodians')
}

/**
 * Refuses a plan that nobody could use: keys are enrolled for what it says, and changing it afterwards starts them over.
 * @throws HalliganError POLICY_INVALID {field, why, name}
 */
export function checkPlanComplete(plan: Plan): void {
  checkPlan(plan)
  if (plan.safes.length === 0) refuse('safes', 'none')
  if (!plan.people.some(({ roles }) => roles.includes('requester'))) refuse('people', 'no-requester')
}

/** True for people whose taps the vault will need: they must have a security key before it is ready. */
export const needsKey = ({ id, roles }: Person, safes: readonly Pick<PlannedSafe, 'policy'>[]): boolean =>
  roles.includes('custodian') ||
  roles.includes('requester') ||
  roles.includes('lead') ||
  safes.some(({ policy }) => policy.delay?.vetoers.includes(id) === true)

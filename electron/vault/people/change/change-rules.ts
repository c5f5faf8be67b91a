/** What a change of people comes to, and what must not be asked for. Pure. */
import { sameBytes } from '../../../../shared/bytes.ts'
import { canonicalBytes } from '../../../../shared/canonical.ts'
import type { CredentialView } from '../../../../shared/contracts/app.ts'
import type { PeopleChange } from '../../../../shared/contracts/people-views.ts'
import { checkKeyModel } from '../../../../shared/domain/key-models.ts'
import type { Manifest, Safe } from '../../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import { checkPlanComplete, needsKey } from '../plan.ts'
import type { Arrival, ChangeDraft } from './change-draft.ts'

type PlannedSafe = PeopleChange['safes'][number]
type PlannedPerson = PeopleChange['people'][number]
/** What a rule needs to know of a credential. */
type Held = Pick<CredentialView, 'id' | 'name' | 'safe' | 'requesters'>

const isSame = (a: unknown, b: unknown): boolean => sameBytes(canonicalBytes(a), canonicalBytes(b))

const refuse = (field: string, why: string, name: string): never => {
  throw new HalliganError('POLICY_INVALID', { field, why, name })
}

/** Somebody who must come with a security key first. */
export interface Coming {
  readonly person: PlannedPerson
  readonly kind: Arrival['kind']
  /** Those in which they get a share that they did not have. */
  readonly safes: readonly PlannedSafe[]
}

/** Who must come before the change can be signed. */
export function findComing(current: Manifest, { people, safes }: PeopleChange): Coming[] {
  return people.flatMap((person): Coming[] => {
    const keys = current.persons.find(({ id }) => id === person.id)?.keys ?? []
    const fresh = safes.filter(({ id, custodians }) => {
      const before = current.safes.find((safe) => safe.id === id)
      return custodians.includes(person.id) && before?.custodians.some((one) => one.person === person.id) !== true
    })
    if (keys.length === 0) return needsKey(person, safes) ? [{ person, kind: 'new', safes: fresh }] : []
    return fresh.length === 0 ? [] : [{ person, kind: 'join', safes: fresh }]
  })
}

/** An arrival stands while the manifest lists the keys that it was proven with. */
export const stillStands = (current: Manifest, { person, kind, listed }: Arrival): boolean =>
  kind === 'new' || isSame(current.persons.find(({ id }) => id === person)?.keys, listed)

export const findArrival = (current: Manifest, draft: ChangeDraft, person: string): Arrival | undefined =>
  draft.arrivals.find((arrival) => arrival.person === person && stillStands(current, arrival))

/** Whether other people hold a safe, or it takes another number of them. */
function isHeldOtherwise(before: Safe | undefined, { custodians, threshold }: PlannedSafe): boolean {
  if (before?.threshold !== threshold || before.custodians.length !== custodians.length) return true
  return before.custodians.some(({ person }) => !custodians.includes(person))
}

/** Ids of the safes in `change` whose records must be sealed anew. */
export const findChangedSafes = (current: Manifest, { safes }: PeopleChange): Set<string> =>
  new Set(
    safes
      .filter((safe) =>
        isHeldOtherwise(
          current.safes.find(({ id }) => id === safe.id),
          safe,
        ),
      )
      .map(({ id }) => id),
  )

/** Where the records of a credential go that lie in `safe` now; null when they stay as they are. */
export function createTargets(
  current: Manifest,
  change: PeopleChange,
): (credential: string, safe: string) => string | null {
  const moves = new Map(change.moves.map(({ credential, safe }) => [credential, safe]))
  const changed = findChangedSafes(current, change)
  return (credential, safe) => {
    const target = moves.get(credential) ?? safe
    return target !== safe || changed.has(target) ? target : null
  }
}

/** Who holds a share in `from` and none in `to`. */
export const findLeavers = (current: Manifest, { safes }: PeopleChange, from: string, to: string): string[] => {
  const after = safes.find(({ id }) => id === to)?.custodians ?? []
  const before = current.safes.find(({ id }) => id === from)?.custodians ?? []
  return before.map(({ person }) => person).filter((person) => !after.includes(person))
}

/** The models of key that the safes name, as they are pinned. */
export const namedModels = ({ models = [] }: Manifest, { safes }: PeopleChange): NonNullable<Manifest['models']> =>
  models.filter(({ aaguid }) => safes.some(({ policy }) => policy.models?.includes(aaguid) === true))

/** What the wraps and keys of people who stay cannot follow. */
function checkPolicies(current: Manifest, change: PeopleChange): void {
  for (const [index, { id, name, policy, custodians }] of change.safes.entries()) {
    const before = current.safes.find((safe) => safe.id === id)
    const staying = before?.custodians.some(({ person }) => custodians.includes(person)) === true
    if (staying && before.policy.passphrase !== policy.passphrase) {
      refuse(`safes.${index}.policy.passphrase`, 'passphrase-fixed', name)
    }
  }
  for (const { id, name } of change.people) {
    const keys = current.persons.find((person) => person.id === id)?.keys ?? []
    const safes = change.safes.filter(({ custodians }) => custodians.includes(id))
    if (keys.some((key) => checkKeyModel(key, safes) !== null)) refuse('people', 'models', name)
  }
}

function checkMoves({ moves, safes }: PeopleChange, held: readonly Held[]): void {
  for (const [index, { credential, safe }] of moves.entries()) {
    const found = held.find(({ id }) => id === credential)
    const isKnown = found !== undefined && safes.some(({ id }) => id === safe)
    if (!isKnown || found.safe === safe) refuse(`moves.${index}`, 'unknown', found?.name ?? '')
    if (moves.findIndex((move) => move.credential === credential) !== index) {
      refuse(`moves.${index}`, 'twice', found?.name ?? '')
    }
  }
}

/** Every credential must be in a safe that is left, and open for everybody left who may ask for it, of whom there must be one. */
function checkReachable(change: PeopleChange, held: readonly Held[]): void {
  const people = new Map(change.people.map((person) => [person.id, person]))
  const safes = new Map(change.safes.map((safe) => [safe.id, safe]))
  const moves = new Map(change.moves.map(({ credential, safe }) => [credential, safe]))
  for (const { id, name, safe: safeId, requesters } of held) {
    const safe = safes.get(moves.get(id) ?? safeId)
    if (safe === undefined) return refuse('safes', 'records-left', name)
    const asking = requesters.flatMap((requester) => people.get(requester) ?? [])
    if (asking.length === 0) refuse('people', 'no-requester-left', name)
    for (const requester of asking) {
      const counting = safe.custodians.filter((one) => safe.policy.requesterMayTap || one !== requester.id)
      if (counting.length < safe.threshold) refuse('people', 'quorum-out-of-reach', requester.name)
    }
  }
}

/**
 * Refuses a change that breaks a rule of plans, that leaves a credential where nobody could open it, or that keys and wraps of
 * people who stay could not follow.
 * @param held every credential, with the people who may ask for its newest version.
 * @throws HalliganError POLICY_INVALID {field, why, name}
 */
export function checkChange(current: Manifest, change: PeopleChange, held: readonly Held[]): void {
  const { people, safes, quorum } = change
  checkPlanComplete({ people, safes, quorum, models: namedModels(current, change) })
  checkPolicies(current, change)
  checkMoves(change, held)
  checkReachable(change, held)
}

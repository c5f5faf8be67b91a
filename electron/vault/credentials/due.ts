/** What is due, and what comes next. Pure: from facts that the log tells, for the app and for the command line. */
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { changedSafes } from '../../../shared/domain/custody-change.ts'
import { limits } from '../../../shared/limits.ts'
import type { Proofs } from './proofs.ts'

const dayMs = 86_400_000
const drillMs = limits.drillDays * dayMs

/**
 * What has been due for this long is overdue: an entry says so, and with it an alert goes out. What is due is on the screen from
 * the first moment on; nobody is to be woken by what they have just done themselves (set a vault up, opened a credential).
 */
const overdueMs = dayMs

/** Something that becomes due at `dueMs` (wall clock). */
export interface DueFact extends Pick<Due, 'kind' | 'id' | 'name' | 'why'> {
  readonly dueMs: number
}

/** Whether a drill that passed then is still good. @param at timestamp, or null for never */
export const isDrillFresh = (at: string | null, wallMs: number): boolean =>
  at !== null && wallMs < Date.parse(at) + drillMs

/** When a credential's newest version is to be rotated. */
export interface RotationFact {
  readonly credential: string
  readonly name: string
  readonly sealedAt: string
  readonly rotationDays: number
  /** When it was opened first since it was sealed; null: it was not. */
  readonly usedAt: string | null
  /** When somebody who held a share of it left; null: nobody has. */
  readonly leftAt: string | null
}

/** A credential's rotation: whoever left comes before a use, and a use before the interval, whichever was first. */
export function describeRotation(fact: RotationFact): DueFact {
  const { credential: id, name, leftAt, usedAt } = fact
  if (leftAt !== null) return { kind: 'rotate', id, name, why: 'leaver', dueMs: Date.parse(leftAt) }
  if (usedAt !== null) return { kind: 'rotate', id, name, why: 'used', dueMs: Date.parse(usedAt) }
  return { kind: 'rotate', id, name, why: 'interval', dueMs: Date.parse(fact.sealedAt) + fact.rotationDays * dayMs }
}

interface Since {
  readonly at: string
  /** They became custodians, or their safe changed, after the vault was set up. */
  readonly isStaff: boolean
}

/** Since when each of today's custodians holds what they hold. */
function sinceWhen(manifests: readonly Manifest[], proofs: Pick<Proofs, 'manifests'>): Map<string, Since> {
  const times = new Map(proofs.manifests().map(({ version, at }) => [version, at]))
  const since = new Map<string, Since>()
  for (const [place, manifest] of manifests.entries()) {
    const at = times.get(manifest.version)
    if (at === undefined) continue
    const before = manifests[place - 1]
    const changed = before === undefined ? null : changedSafes(before, manifest)
    for (const { id, custodians } of manifest.safes) {
      const isOld = before?.safes.some((safe) => safe.id === id) === true && changed?.has(id) !== true
      if (isOld) continue
      for (const { person } of custodians) since.set(person, { at, isStaff: before !== undefined })
    }
  }
  return since
}

function describeCustodian(person: { id: string; name: string }, since: Since, provenAt: string | null): DueFact {
  const about = { kind: 'drill-person' as const, id: person.id, name: person.name }
  // What was proven before the change was proven of other shares.
  const isProven = provenAt !== null && (!since.isStaff || provenAt > since.at)
  if (isProven) return { ...about, why: 'interval', dueMs: Date.parse(provenAt) + drillMs }
  return { ...about, why: since.isStaff ? 'staff' : 'never', dueMs: Date.parse(since.at) }
}

/**
 * Drills of custodians and safes.
 * @param manifests every version, in order; the last one is in force
 */
export function describeDrills(manifests: readonly Manifest[], proofs: Omit<Proofs, 'apply'>): DueFact[] {
  const current = manifests.at(-1)
  if (current === undefined) return []
  const since = sinceWhen(manifests, proofs)
  const people = current.persons.flatMap((person) => {
    const isCustodian = current.safes.some(({ custodians }) => custodians.some((one) => one.person === person.id))
    const from = since.get(person.id)
    return isCustodian && from !== undefined ? [describeCustodian(person, from, proofs.personAt(person.id))] : []
  })
  const times = new Map(proofs.manifests().map(({ version, at }) => [version, at]))
  const safes = current.safes.map(({ id, name }): DueFact => {
    const about = { kind: 'drill-safe' as const, id, name }
    const drilledAt = proofs.safeAt(id)
    if (drilledAt !== null) return { ...about, why: 'interval', dueMs: Date.parse(drilledAt) + drillMs }
    const first = manifests.find((manifest) => manifest.safes.some((safe) => safe.id === id))
    const at = first === undefined ? undefined : times.get(first.version)
    return { ...about, why: 'never', dueMs: at === undefined ? 0 : Date.parse(at) }
  })
  return [...people, ...safes]
}

/** A reveal that nobody has said anything about is due from its grant on. */
export const describeUnclassified = (use: { request: string; name: string; grantedAt: string }): DueFact => ({
  kind: 'classify',
  id: use.request,
  name: use.name,
  why: 'used',
  dueMs: Date.parse(use.grantedAt),
})

/** Why something cannot wait, most urgent first. */
const urgency: Readonly<Record<Due['why'], number>> = { leaver: 0, used: 1, staff: 2, never: 3, interval: 4 }

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byUrgency = (a: DueFact, b: DueFact): number =>
  urgency[a.why] - urgency[b.why] || a.dueMs - b.dueMs || byName(a.name, b.name)

/** What is overdue at `wallMs`, most urgent first. */
export const listOverdue = (facts: readonly DueFact[], wallMs: number): DueFact[] =>
  facts.filter(({ dueMs }) => wallMs - dueMs >= overdueMs).sort(byUrgency)

/** More than anybody reads; the rest shows as these are done. */
const listedMax = 1000

/** All that is due at `wallMs`, most urgent first, and the one that comes next of each kind. In one pass: it is asked often. */
export function listDue(facts: readonly DueFact[], wallMs: number): Due[] {
  const due: DueFact[] = []
  const next = new Map<Due['kind'], DueFact>()
  for (const fact of facts) {
    if (wallMs >= fact.dueMs) due.push(fact)
    else if (fact.dueMs < (next.get(fact.kind)?.dueMs ?? Infinity)) next.set(fact.kind, fact)
  }
  due.sort(byUrgency)
  const later = [...next.values()].sort((a, b) => a.dueMs - b.dueMs)
  return [...due.slice(0, listedMax), ...later].map(({ kind, id, name, why, dueMs }) => ({
    kind,
    id,
    name,
    why,
    dueAt: toTimestamp(dueMs),
    isDue: wallMs >= dueMs,
  }))
}

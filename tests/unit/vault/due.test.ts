/** What is due, at its boundaries. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import {
  describeDrills,
  describeRotation,
  isDrillFresh,
  listDue,
  type DueFact,
} from '../../../electron/vault/credentials/due.ts'
import { createProofs, type Proofs } from '../../../electron/vault/credentials/proofs.ts'

const dayMs = 86_400_000
const start = Date.parse('2026-01-01T00:00:00.000Z')
const at = (day: number): string => new Date(start + day * dayMs).toISOString()

type Event = { [T in Entry['type']]: readonly [number, T, object] }[Entry['type']]
function learn(...events: Event[]): Proofs {
  const proofs = createProofs()
  for (const [day, type, data] of events) proofs.apply({ type, at: at(day), data } as never)
  return proofs
}
function manifest(version: number, safes: Record<string, string[]>, threshold = 2): Manifest {
  const people = [...new Set(Object.values(safes).flat())]
  return {
    version,
    persons: people.map((id) => ({ id, name: id.toUpperCase() })),
    safes: Object.entries(safes).map(([id, custodians]) => ({
      id,
      name: `Safe ${id}`,
      threshold,
      custodians: custodians.map((person, place) => ({ person, index: place + 1, publicKey: `key of ${person}` })),
    })),
  } as unknown as Manifest
}
const changed = (day: number, version: number): Event => [day, 'manifest.changed', { version }]
const drilled = (day: number, person: string): Event => [day, 'drill.passed', { statement: { person } }]
const say = ({ kind, id, why, dueMs }: DueFact): string => `${kind} ${id} ${why} ${(dueMs - start) / dayMs}`

describe('a rotation', () => {
  const fact = { credential: 'c', name: 'C', sealedAt: at(0), rotationDays: 90, usedAt: null, leftAt: null }

  it('is due on the day, after a use at once, and before all after somebody left', () => {
    expect(say(describeRotation(fact))).toBe('rotate c interval 90')
    expect(say(describeRotation({ ...fact, usedAt: at(3) }))).toBe('rotate c used 3')
    expect(say(describeRotation({ ...fact, usedAt: at(3), leftAt: at(5) }))).toBe('rotate c leaver 5')
    const dueAt = (wall: number): boolean | undefined => listDue([describeRotation(fact)], wall)[0]?.isDue
    expect(dueAt(start + 90 * dayMs - 1)).toBe(false)
    expect(dueAt(start + 90 * dayMs)).toBe(true)
  })
})

describe('a drill', () => {
  it('is good for 90 days', () => {
    expect(isDrillFresh(null, start)).toBe(false)
    expect(isDrillFresh(at(0), start + 90 * dayMs - 1)).toBe(true)
    expect(isDrillFresh(at(0), start + 90 * dayMs)).toBe(false)
  })

  it('of a custodian: never, then 90 days after any key of theirs opened what it holds', () => {
    const one = manifest(1, { s: ['a', 'b', 'c', 'd'] })
    const prove = { detail: { kind: 'prove', records: [] }, act: 'x' }
    const minutes = { detail: { kind: 'minutes' }, act: 'm' }
    const proofs = learn(
      changed(1, 1),
      drilled(2, 'a'),
      [3, 'tap.accepted', { person: 'b', counts: true }],
      [4, 'joint.opened', { statement: prove }],
      [5, 'joint.signed', { act: 'x', person: 'a' }],
      [6, 'joint.opened', { statement: minutes }],
      // These open nothing.
      [7, 'joint.signed', { act: 'm', person: 'c' }],
      [7, 'tap.accepted', { person: 'd', counts: false }],
    )
    expect(describeDrills([one], proofs).map(say)).toEqual([
      'drill-person a interval 95',
      'drill-person b interval 93',
      'drill-person c never 1',
      'drill-person d never 1',
      'drill-safe s never 1',
    ])
  })

  it('of a custodian whose safe changed: now, whatever was proven before; of the others: not', () => {
    const before = manifest(1, { s: ['a', 'b', 'c'], t: ['d', 'e'] })
    const after = manifest(2, { s: ['a', 'b', 'f'], t: ['d', 'e'] })
    const facts = [changed(0, 1), drilled(1, 'a'), drilled(1, 'd'), changed(10, 2)] as const
    const people = (proofs: Proofs): string[] =>
      describeDrills([before, after], proofs)
        .filter(({ kind }) => kind === 'drill-person')
        .map(say)
    expect(people(learn(...facts))).toEqual([
      'drill-person a staff 10',
      'drill-person b staff 10',
      'drill-person f staff 10',
      'drill-person d interval 91',
      'drill-person e never 0',
    ])
    expect(people(learn(...facts, drilled(11, 'a')))[0]).toBe('drill-person a interval 101')
    // Another threshold makes other shares; another policy or name does not.
    const other = manifest(3, { s: ['a', 'b', 'f'], t: ['d', 'e'] }, 3)
    const again = describeDrills([before, after, other], learn(...facts, drilled(11, 'a'), changed(20, 3)))
    expect(say(again[0]!)).toBe('drill-person a staff 20')
  })

  it('of a safe: a proof of it, or a reveal that somebody classified as a drill, from when it took place', () => {
    const one = manifest(1, { s: ['a', 'b'], t: ['a', 'b'] })
    const safes = (...events: Event[]): string[] =>
      describeDrills([one], learn(changed(0, 1), ...events))
        .filter(({ kind }) => kind === 'drill-safe')
        .map(say)
    const passed = (day: number, purpose: string): Event => [day, 'proof.passed', { act: 'x', purpose, safe: 's' }]
    expect(safes(passed(3, 'rotation'))).toEqual(['drill-safe s never 0', 'drill-safe t never 0'])
    expect(safes(passed(3, 'drill'))).toEqual(['drill-safe s interval 93', 'drill-safe t never 0'])
    const classify = (outcome: string): Event[] => [
      [1, 'request.opened', { statement: { request: 'r', safe: 't' } }],
      [2, 'request.granted', { request: 'r', credential: 'c', version: 1 }],
      [9, 'request.classified', { request: 'r', statement: { detail: { kind: 'classify', outcome } } }],
    ]
    expect(safes(...classify('drill'))).toEqual(['drill-safe s never 0', 'drill-safe t interval 92'])
    expect(safes(...classify('emergency'))).toEqual(['drill-safe s never 0', 'drill-safe t never 0'])
  })
})

describe('the list', () => {
  it('has all that is due, most urgent first, and what comes next of each kind', () => {
    const fact = (kind: DueFact['kind'], id: string, why: DueFact['why'], day: number): DueFact => ({
      kind,
      id,
      name: id,
      why,
      dueMs: start + day * dayMs,
    })
    const facts = [
      fact('rotate', 'later', 'interval', 70),
      fact('rotate', 'next', 'interval', 60),
      fact('rotate', 'old', 'interval', 1),
      fact('drill-safe', 's', 'never', 2),
      fact('rotate', 'used', 'used', 4),
      fact('rotate', 'left', 'leaver', 5),
      fact('drill-person', 'p', 'interval', 40),
    ]
    const list = listDue(facts, start + 10 * dayMs)
    expect(list.map(({ id, isDue }) => `${id} ${String(isDue)}`)).toEqual(['left true', 'used true', 's true', 'old true', 'p false', 'next false']) // prettier-ignore
    const many = Array.from({ length: 5000 }, (_, place) => fact('rotate', `c${place}`, 'interval', 0))
    expect(listDue(many, start)).toHaveLength(1000)
  })
})

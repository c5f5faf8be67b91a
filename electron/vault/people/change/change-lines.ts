/** What a change of people says, in a few lines: for the list while it is prepared. What is signed is written by the strongroom. */
import type { ChangeView, PeopleChange } from '../../../../shared/contracts/people-views.ts'
import type { Manifest, Safe } from '../../../../shared/domain/manifest.ts'
import { limits } from '../../../../shared/limits.ts'
import { formatSeconds } from '../../../../shared/quantities.ts'

type Line = ChangeView['lines'][number]

const valueMax = 600
const labelMax = 120
const line = (label: string, parts: readonly string[]): Line[] =>
  parts.length === 0 ? [] : [{ label: label.slice(0, labelMax), value: parts.join('; ').slice(0, valueMax) }]

type Delay = Safe['policy']['delay']

/** What becomes of the wait after a quorum. */
function delayParts(before: Delay, after: Delay, nameOf: (id: string) => string): string[] {
  if (after === undefined) return before === undefined ? [] : ['requests no longer wait']
  const names = after.vetoers.map(nameOf).join(', ')
  if (before === undefined) return [`requests wait ${formatSeconds(after.seconds)} and can be stopped by ${names}`]
  const sameVetoers = before.vetoers.toSorted().join() === after.vetoers.toSorted().join()
  return [
    ...(before.seconds === after.seconds
      ? []
      : [`requests wait ${formatSeconds(after.seconds)} instead of ${formatSeconds(before.seconds)}`]),
    ...(sameVetoers
      ? []
      : [`waiting requests can be stopped by ${names} instead of ${before.vetoers.map(nameOf).join(', ')}`]),
  ]
}

function safeLines(current: Manifest, change: PeopleChange): Line[] {
  const nameOf = (id: string): string =>
    [...change.people, ...current.persons].find((person) => person.id === id)?.name ?? id
  const gone = current.safes.filter(({ id }) => !change.safes.some((safe) => safe.id === id))
  return [
    ...change.safes.flatMap((safe) => {
      const before = current.safes.find(({ id }) => id === safe.id)
      const quorum = `${safe.threshold} of ${safe.custodians.length}`
      if (before === undefined) {
        return line(`Safe ${safe.name}`, [
          `new, ${quorum}: ${safe.custodians.map(nameOf).join(', ')}`,
          ...delayParts(undefined, safe.policy.delay, nameOf),
        ])
      }
      const held = before.custodians.map(({ person }) => person)
      const joins = safe.custodians.filter((person) => !held.includes(person)).map(nameOf)
      const leaves = held.filter((person) => !safe.custodians.includes(person)).map(nameOf)
      const old = `${before.threshold} of ${held.length}`
      return line(`Safe ${safe.name}`, [
        ...(before.name === safe.name ? [] : [`was called ${before.name}`]),
        ...(joins.length === 0 ? [] : [`gets ${joins.join(', ')}`]),
        ...(leaves.length === 0 ? [] : [`loses ${leaves.join(', ')}`]),
        ...(old === quorum ? [] : [`${old} becomes ${quorum}`]),
        ...delayParts(before.policy.delay, safe.policy.delay, nameOf),
      ])
    }),
    ...gone.flatMap(({ name }) => line(`Safe ${name}`, ['is given up'])),
  ]
}

function personLines(current: Manifest, change: PeopleChange): Line[] {
  const gone = current.persons.filter(({ id }) => !change.people.some((person) => person.id === id))
  return [
    ...change.people.flatMap(({ id, name, roles }) => {
      const before = current.persons.find((person) => person.id === id)
      if (before === undefined) return line(name, [`new: ${roles.join(', ')}`])
      const sameRoles = before.roles.toSorted().join() === roles.toSorted().join()
      return line(name, [
        ...(before.name === name ? [] : [`was called ${before.name}`]),
        ...(sameRoles ? [] : [`${before.roles.join(', ')} becomes ${roles.join(', ')}`]),
      ])
    }),
    ...gone.flatMap(({ name }) => line(name, ['is removed'])),
  ]
}

/** One line for each person and safe that differ. */
export const describePeopleChange = (current: Manifest, change: PeopleChange): Line[] =>
  [
    ...personLines(current, change),
    ...safeLines(current, change),
    ...(current.quorum === change.quorum
      ? []
      : line('Signatures for the next change', [`${current.quorum} becomes ${change.quorum}`])),
    ...(change.moves.length === 0 ? [] : line('Credentials that change their safe', [String(change.moves.length)])),
  ].slice(0, limits.persons)

/** The manifest that a change of people asks for. */
import type { Manifest, Safe } from '../../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import type { PeopleChange } from '../../../../shared/contracts/people-views.ts'
import type { ChangeDraft } from './change-draft.ts'
import { findArrival, findChangedSafes, namedModels } from './change-rules.ts'

/**
 * People who stay keep their keys and, in each safe that they stay in, their key pair. Shares are numbered anew in safes whose
 * records are sealed anew, and in no others.
 * @throws HalliganError CHANGE_INCOMPLETE when somebody's key pair is not there yet
 */
export function changeManifest(
  current: Manifest,
  draft: ChangeDraft,
): Omit<Manifest, 'version' | 'previous' | 'createdAt'> {
  const { change } = draft
  const { version: _version, previous: _previous, createdAt: _at, models: _models, ...rest } = current
  const models = namedModels(current, change)
  const changed = findChangedSafes(current, change)

  function keysOf(person: string): Manifest['persons'][number]['keys'] {
    const arrival = findArrival(current, draft, person)
    if (arrival?.kind === 'new') return arrival.keys
    return current.persons.find(({ id }) => id === person)?.keys ?? []
  }

  function publicKeyOf(before: Safe | undefined, safe: string, person: string): string {
    const own = before?.custodians.find((one) => one.person === person)?.publicKey
    const fresh = findArrival(current, draft, person)?.custody.find((one) => one.safe === safe)?.publicKey
    const publicKey = own ?? fresh
    if (publicKey === undefined) throw new HalliganError('CHANGE_INCOMPLETE', { people: nameOf(change, person) })
    return publicKey
  }

  return {
    ...rest,
    quorum: change.quorum,
    persons: change.people.map((person) => ({ ...person, keys: keysOf(person.id) })),
    safes: change.safes.map(({ custodians, ...safe }) => {
      const before = current.safes.find(({ id }) => id === safe.id)
      return {
        ...safe,
        custodians:
          before !== undefined && !changed.has(safe.id)
            ? before.custodians
            : custodians.map((person, at) => ({
                person,
                index: at + 1,
                publicKey: publicKeyOf(before, safe.id, person),
              })),
      }
    }),
    ...(models.length === 0 ? {} : { models }),
  }
}

const nameOf = ({ people }: PeopleChange, person: string): string =>
  people.find(({ id }) => id === person)?.name ?? person

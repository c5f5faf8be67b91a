/** Those who have come for a change of people, when it is signed. */
import { needsPassphrase, type Wrap } from '../../../../shared/domain/credential.ts'
import { custodiesOf } from '../../../../shared/domain/custody.ts'
import type { Manifest } from '../../../../shared/domain/manifest.ts'
import type { Tap } from '../../../../shared/domain/tap.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import { insist, type VaultContext } from '../../context.ts'
import type { Registry } from '../registry.ts'
import { describeEnrolled } from './arrive.ts'
import { saveChangeDraft, type ChangeDraft, type ChangeHolder } from './change-draft.ts'
import { findArrival, findComing } from './change-rules.ts'

/** @throws HalliganError CHANGE_INCOMPLETE {people} */
export function requireComplete(current: Manifest, draft: ChangeDraft): void {
  const missing = findComing(current, draft.change).filter(
    ({ person }) => findArrival(current, draft, person.id) === undefined,
  )
  if (missing.length === 0) return
  const people = missing.map(({ person }) => person.name).join(', ')
  throw new HalliganError('CHANGE_INCOMPLETE', { people: people.slice(0, 300) })
}

/** Arrivals of the change that is signed: what somebody enrolled who is not needed any more stays out. */
export const arrivalsOf = (current: Manifest, draft: ChangeDraft): ChangeDraft['arrivals'] =>
  findComing(current, draft.change).flatMap(({ person }) => findArrival(current, draft, person.id) ?? [])

/** Keys that were enrolled before another change came into force count as enrolled before that one: they are said again. */
export async function sayEnrolledAgain(context: VaultContext, registry: Registry, holder: ChangeHolder): Promise<void> {
  const { manifest, hash } = registry.require()
  const draft = holder.get()
  const stale = arrivalsOf(manifest, draft).filter((one) => one.kind === 'new' && one.manifest !== hash)
  if (stale.length === 0) return
  const entries = stale.flatMap(({ person, keys, custody }) => {
    const name = draft.change.people.find(({ id }) => id === person)?.name ?? person
    return keys.map((key) =>
      describeEnrolled(
        { id: person, name },
        key,
        custody.map(({ safe }) => safe),
      ),
    )
  })
  const next: ChangeDraft = {
    ...draft,
    arrivals: draft.arrivals.map((one) => (stale.includes(one) ? { ...one, manifest: hash } : one)),
  }
  await context.log.append(entries, (statements) => saveChangeDraft(statements, next))
  holder.set(next)
}

/**
 * Puts each of `wraps` in the place of the one that this tap opened, wherever that lies until the switch.
 * @returns the draft with those that lie in it; the others
 * @throws HalliganError MESSAGE_INVALID {what}
 */
export function replaceWraps(
  { before, next }: { readonly before: Manifest; readonly next: Manifest },
  draft: ChangeDraft,
  wraps: readonly Wrap[],
  { person, key }: Tap,
): { draft: ChangeDraft; inForce: Wrap[] } {
  const inForce: Wrap[] = []
  let changed = draft
  for (const wrap of wraps) {
    const custody = custodiesOf(next, person).find(({ safe }) => safe === wrap.safe)
    insist(wrap.vault === next.vault && wrap.person === person && wrap.key === key, 'wrap')
    insist(custody?.publicKey === wrap.publicKey, 'wrap-public-key')
    insist(needsPassphrase(wrap) === custody.passphrase, 'wrap-passphrase')
    const isOld = (one: Wrap): boolean => one.safe === wrap.safe && one.key === wrap.key
    const isArriving = arrivalsOf(before, draft).some((one) => one.person === person && one.wraps.some(isOld))
    if (!isArriving) inForce.push(wrap)
    else {
      changed = {
        ...changed,
        arrivals: changed.arrivals.map((one) =>
          one.person === person ? { ...one, wraps: one.wraps.map((old) => (isOld(old) ? wrap : old)) } : one,
        ),
      }
    }
  }
  return { draft: changed, inForce }
}

/** Security keys of somebody who comes with a change of people: new ones, or those that they have, for a further safe. */
import type { NewEntry } from '../../../../shared/audit/entry.ts'
import { sameBytes } from '../../../../shared/bytes.ts'
import { canonicalBytes } from '../../../../shared/canonical.ts'
import type { Input } from '../../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../../shared/contracts/strongroom.ts'
import { needsPassphrase } from '../../../../shared/domain/credential.ts'
import { checkKeyModel } from '../../../../shared/domain/key-models.ts'
import type { SecurityKey } from '../../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import { insist, newId, personActor, vaultFacts, type VaultContext } from '../../context.ts'
import type { Operation } from '../../operations/operation.ts'
import { createPlainOperation } from '../../operations/plain-operation.ts'
import { checkCustody } from '../enrol.ts'
import type { Registry } from '../registry.ts'
import { saveChangeDraft, type Arrival, type ChangeDraft, type ChangeHolder } from './change-draft.ts'
import { findComing, namedModels } from './change-rules.ts'

type KeyEnrolled = Input<typeof strongroomContract, 'keyEnrolled'>

/** Entry `key.enrolled` of a key that comes with the change. */
export const describeEnrolled = (
  person: { readonly id: string; readonly name: string },
  key: SecurityKey,
  safes: readonly string[],
): NewEntry => ({
  type: 'key.enrolled',
  actor: personActor(person, false),
  data: { person: person.id, name: person.name, key, safes: [...safes] },
})

/**
 * @param labels of new keys; not looked at when the person joins with keys that they have.
 * @throws HalliganError CHANGE_UNKNOWN; PERSON_UNKNOWN when the change asks nothing of this person; MESSAGE_INVALID when new keys
 *   are wanted and none is named
 */
export function createArrival(
  context: VaultContext,
  registry: Registry,
  holder: ChangeHolder,
  personId: string,
  labels: readonly string[],
): Operation {
  const { manifest, hash } = registry.require()
  const { change } = holder.get()
  const coming = findComing(manifest, change).find(({ person }) => person.id === personId)
  if (coming === undefined) throw new HalliganError('PERSON_UNKNOWN', { person: personId })
  const { person, kind, safes } = coming
  const listed = kind === 'join' ? registry.requirePerson(personId).keys : []
  const expected = kind === 'join' ? listed.map(({ label }) => label) : labels
  insist(expected.length > 0, 'labels')
  const safeIds = safes.map(({ id }) => id)
  const id = newId(context)
  let mine: Arrival | null = null

  /** Keys of everybody else, in force or about to be. */
  const foreignKeys = (draft: ChangeDraft): { person: string; keys: readonly SecurityKey[] }[] => [
    ...manifest.persons.map(({ id: owner, keys }) => ({ person: owner, keys })),
    ...draft.arrivals
      .filter((arrival) => arrival.kind === 'new' && arrival.person !== personId)
      .map(({ person: owner, keys }) => ({ person: owner, keys })),
  ]
  const nameOf = (owner: string): string =>
    registry.nameOf(owner) ?? change.people.find((one) => one.id === owner)?.name ?? owner

  function checkKey({ key, wraps }: KeyEnrolled, at: number): void {
    const model = checkKeyModel(key, safes)
    if (model !== null) throw new HalliganError(model, { model: key.aaguid })
    if (kind === 'join') insist(sameBytes(canonicalBytes(key), canonicalBytes(listed[at])), 'key')
    else {
      insist(key.label === expected[at], 'label')
      const taken = [...foreignKeys(holder.get()), { person: personId, keys: mine?.keys ?? [] }]
      if (taken.some(({ keys }) => keys.some(({ credentialId }) => credentialId === key.credentialId))) {
        throw new HalliganError('TAP_KEY_ALREADY_ENROLLED')
      }
    }
    for (const wrap of wraps) {
      const policy = safes.find((safe) => safe.id === wrap.safe)?.policy
      insist(needsPassphrase(wrap) === (policy?.passphrase === true), 'wrap-passphrase')
    }
  }

  async function enrolKey(input: KeyEnrolled): Promise<void> {
    const { key, custody, wraps, rings } = input
    checkKey(input, mine?.keys.length ?? 0)
    checkCustody(input, context.log.genesis.vault, personId, safeIds, mine)
    const before = holder.get()
    const next: Arrival = {
      person: personId,
      kind,
      manifest: hash,
      keys: [...(mine?.keys ?? []), key],
      listed,
      custody,
      rings,
      wraps: [...(mine?.wraps ?? []), ...wraps],
    }
    const draft: ChangeDraft = {
      ...before,
      arrivals: [...before.arrivals.filter((one) => one.person !== personId), next],
    }
    if (kind === 'new') {
      await context.log.append([describeEnrolled(person, key, safeIds)], (statements) =>
        saveChangeDraft(statements, draft),
      )
    } else await context.store.database.transaction((statements) => saveChangeDraft(statements, draft))
    mine = next
    holder.set(draft)
  }

  return createPlainOperation(context, {
    id,
    kind: 'enrol',
    person: personId,
    need: expected.length,
    job: {
      kind: 'enrol',
      ...vaultFacts(context, id),
      person: { id: personId, name: person.name },
      labels: [...expected],
      safes: safes.map(({ id: safe, name, policy }) => ({ id: safe, name, policy })),
      models: namedModels(manifest, change),
      // Somebody's own earlier keys of this change are replaced, so they may be used again.
      enrolled: foreignKeys(holder.get()).flatMap((owner) =>
        owner.keys.map(({ credentialId, transports }) => ({
          credentialId,
          transports,
          person: nameOf(owner.person),
        })),
      ),
      inForce: { manifests: registry.chain(), keys: listed },
    },
    calls: {
      keyEnrolled: async (input) => {
        await enrolKey(input)
        return {}
      },
    },
    // Whoever joins with one key of theirs has come; the others open what they opened before.
    isDone: () => (kind === 'join' ? mine !== null : mine?.keys.length === expected.length),
  })
}

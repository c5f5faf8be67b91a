/** Enrolling all security keys of one person, in one operation. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase } from '../../../shared/domain/credential.ts'
import { checkKeyModel } from '../../../shared/domain/key-models.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, personActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { saveDraft, type Draft, type DraftHolder } from './draft.ts'
import { deleteWraps, saveWrap } from './wraps.ts'

type Enrolled = Draft['enrolled'][number]
type KeyEnrolled = Input<typeof strongroomContract, 'keyEnrolled'>

/** Security keys enrolled so far, with their owners' names. */
const enrolledKeys = ({ plan, enrolled }: Draft) =>
  enrolled.flatMap(({ person, keys }) => {
    const name = plan.people.find(({ id }) => id === person)?.name ?? person
    return keys.map(({ credentialId, transports }) => ({ credentialId, transports, person: name, id: person }))
  })

/** The custody, wraps and rings of one key must be those of exactly the person's safes, and the same for each of their keys. */
export function checkCustody(
  input: KeyEnrolled,
  vault: string,
  person: string,
  safes: readonly string[],
  sofar: Pick<Enrolled, 'custody'> | null,
): void {
  const { key, custody, wraps, rings } = input
  const sameSafes = (ids: readonly string[]): boolean =>
    ids.length === safes.length && safes.every((safe) => ids.includes(safe))
  insist(sameSafes(custody.map(({ safe }) => safe)), 'custody')
  insist(sameSafes(wraps.map(({ safe }) => safe)), 'wraps')
  insist(sameSafes(rings.map(({ safe }) => safe)), 'rings')
  for (const wrap of wraps) {
    const publicKey = custody.find(({ safe }) => safe === wrap.safe)?.publicKey
    insist(wrap.vault === vault && wrap.person === person && wrap.key === key.credentialId, 'wrap')
    insist(wrap.publicKey === publicKey, 'wrap-public-key')
  }
  for (const { safe, publicKey } of sofar?.custody ?? []) {
    insist(
      custody.some((one) => one.safe === safe && one.publicKey === publicKey),
      'custody-public-key',
    )
  }
}

/**
 * @throws HalliganError PERSON_UNKNOWN
 */
export function createEnrolment(
  context: VaultContext,
  draft: DraftHolder,
  personId: string,
  labels: readonly string[],
): Operation {
  const { plan } = draft.get()
  const person = plan.people.find(({ id }) => id === personId)
  if (person === undefined) throw new HalliganError('PERSON_UNKNOWN', { person: personId })
  const safes = plan.safes.filter(({ custodians }) => custodians.includes(personId))
  const safeIds = safes.map(({ id }) => id)
  const id = newId(context)
  /** What this operation has enrolled; the first key replaces what the person had before. */
  let mine: Enrolled | null = null

  async function enrolKey(input: KeyEnrolled): Promise<Record<string, never>> {
    const { key, custody, wraps, rings } = input
    const model = checkKeyModel(key, safes)
    if (model !== null) throw new HalliganError(model, { model: key.aaguid })
    const before = draft.get()
    const done = mine?.keys.length ?? 0
    insist(key.label === labels[done], 'label')
    checkCustody(input, context.log.genesis.vault, personId, safeIds, mine)
    for (const wrap of wraps) {
      const policy = safes.find((safe) => safe.id === wrap.safe)?.policy
      insist(needsPassphrase(wrap) === (policy?.passphrase === true), 'wrap-passphrase')
    }
    const isTaken = enrolledKeys(before).some(
      (known) => known.credentialId === key.credentialId && (known.id !== personId || done > 0),
    )
    if (isTaken) throw new HalliganError('TAP_KEY_ALREADY_ENROLLED')
    const next: Enrolled = { person: personId, keys: [...(mine?.keys ?? []), key], custody, rings }
    const nextDraft: Draft = {
      ...before,
      enrolled: [...before.enrolled.filter((one) => one.person !== personId), next],
      // Whoever has signed has signed for other keys than these.
      manifest: null,
      signatures: [],
    }
    const entry: NewEntry = {
      type: 'key.enrolled',
      actor: personActor(person ?? { id: personId, name: personId }, false),
      data: { person: personId, name: person?.name ?? personId, key, safes: safeIds },
    }
    await context.log.append([entry], async (statements) => {
      if (done === 0) await deleteWraps(statements, personId)
      for (const wrap of wraps) await saveWrap(statements, wrap)
      await saveDraft(statements, nextDraft)
    })
    mine = next
    draft.set(nextDraft)
    return {}
  }

  return createPlainOperation(context, {
    id,
    kind: 'enrol',
    person: personId,
    need: labels.length,
    job: {
      kind: 'enrol',
      ...vaultFacts(context, id),
      person: { id: personId, name: person.name },
      labels: [...labels],
      safes: safes.map(({ id: safe, name, policy }) => ({ id: safe, name, policy })),
      models: plan.models ?? [],
      // Their own earlier keys are replaced, so they may be used again.
      enrolled: enrolledKeys(draft.get())
        .filter((known) => known.id !== personId)
        .map(({ credentialId, transports, person: name }) => ({ credentialId, transports, person: name })),
    },
    calls: { keyEnrolled: enrolKey },
    isDone: () => mine?.keys.length === labels.length,
  })
}

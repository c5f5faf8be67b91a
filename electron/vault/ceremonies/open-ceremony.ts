/** Opening a ceremony, and giving one up: acts of one named person. */
import { scriptHash } from '../../../shared/audit/minutes.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { CeremonyDraft, CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { newId, personActor } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import { requireLead, requireMayCancel, requireWithKey, requireWitnesses } from './ceremony-people.ts'
import type { CeremonyMeans } from './finish-step.ts'

/**
 * The lead's tap on the whole script.
 * @throws HalliganError CEREMONY_OPEN, PERSON_UNKNOWN, SETUP_INCOMPLETE, POLICY_INVALID {field}
 */
export function createOpening(
  { context, registry, ceremonies }: CeremonyMeans,
  { lead: leadId, witnesses }: Pick<CeremonyWish, 'lead' | 'witnesses'>,
  { kind, title, script }: CeremonyDraft,
): Operation {
  if (ceremonies.open() !== null) throw new HalliganError('CEREMONY_OPEN')
  const lead = requireLead(registry, leadId)
  requireWitnesses(registry, lead.id, witnesses)
  const ceremony = newId(context)
  return createAct(context, registry, {
    kind: 'ceremony-open',
    person: lead.id,
    detail: {
      kind: 'ceremony-open',
      ceremony,
      ceremonyKind: kind,
      title,
      script: scriptHash(context.primitives, script),
      steps: script.length,
    },
    script,
    perform: async (statement, { key, assertion }) => {
      if (ceremonies.open() !== null) throw new HalliganError('CEREMONY_OPEN')
      const data = { ceremony, kind, title, lead: lead.id, witnesses, script, statement, key, assertion }
      await context.log.append([{ type: 'ceremony.opened', actor: personActor(lead, true), data }])
    },
  })
}

/** @throws HalliganError CEREMONY_UNKNOWN, PERSON_UNKNOWN, SETUP_INCOMPLETE, POLICY_INVALID {field: 'person'} for an outsider */
export function createCancellation(
  { context, registry, ceremonies }: CeremonyMeans,
  { ceremony, person: id, reason }: Input<typeof appContract, 'ceremony.cancel'>,
): Operation {
  const open = ceremonies.require(ceremony)
  const person = requireWithKey(registry, id)
  requireMayCancel(registry.require().manifest, open, person)
  return createAct(context, registry, {
    kind: 'ceremony-cancel',
    person: person.id,
    detail: { kind: 'ceremony-cancel', ceremony, title: open.opened.data.title, reason },
    perform: async (statement, { key, assertion }) => {
      ceremonies.require(ceremony)
      const data = { ceremony, statement, key, assertion }
      await context.log.append([{ type: 'ceremony.cancelled', actor: personActor(person, true), data }])
    },
  })
}

/** Saying afterwards what a use was: a drill, an emergency, or misuse. One person's tap. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { RequestMeans } from './means.ts'

/**
 * @throws HalliganError REQUEST_UNKNOWN, REQUEST_NOT_OPEN when it was never granted, ALREADY_CLASSIFIED, VAULT_NOT_READY,
 *   PERSON_UNKNOWN, SETUP_INCOMPLETE
 */
export function createClassification(
  means: RequestMeans,
  input: Input<typeof appContract, 'request.classify'>,
): Operation {
  const { context, registry, history } = means
  const known = history.find(input.request)
  if (known === undefined) throw new HalliganError('REQUEST_UNKNOWN')
  const { request, outcome, note } = input
  const { credential, credentialName, version, requester, grantedAt } = known
  if (grantedAt === null) throw new HalliganError('REQUEST_NOT_OPEN')
  if (known.outcome !== null) throw new HalliganError('ALREADY_CLASSIFIED')
  const person = registry.requirePerson(input.person)
  const shown = { credential, credentialName, version, requester, grantedAt }
  return createAct(context, registry, {
    kind: 'classify',
    person: person.id,
    detail: { kind: 'classify', request, ...shown, outcome, note },
    perform: async (statement, tap) => {
      const data = { request, statement, key: tap.key, assertion: tap.assertion }
      await context.log.append([{ type: 'request.classified', actor: personActor(person, true), data }])
    },
  })
}

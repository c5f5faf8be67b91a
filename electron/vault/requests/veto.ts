/** Somebody who may stops a request while it waits. Their tap says which, and why. */
import { delayOf } from '../../../shared/audit/delay-rules.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { WaitingMeans } from './means.ts'

/**
 * Also while it is ready to be opened. Operations exclude each other: while this asks for its tap, nobody begins the second round.
 * @throws HalliganError REQUEST_UNKNOWN, VAULT_NOT_READY, PERSON_UNKNOWN, TAP_NOT_THIS_PERSON; the tap is refused with
 *   REQUEST_NOT_WAITING when the wait is over by then
 */
export function createVeto(
  { context, registry, waiting }: WaitingMeans,
  { request, person: id, reason }: Input<typeof appContract, 'request.veto'>,
): Operation {
  const { manifest } = registry.require()
  const { statement: asked, credentialName, since } = waiting.find(request)
  const person = registry.requirePerson(id)
  // By the manifest in force: whoever was struck off while it waited stops nothing any more.
  if (delayOf(manifest, asked.safe)?.vetoers.includes(id) !== true) throw new HalliganError('TAP_NOT_THIS_PERSON')
  const { credential, version, requester } = asked
  const shown = { request, credential, credentialName, version, requester, waitingSince: since.at }
  return createAct(context, registry, {
    kind: 'veto',
    person: id,
    detail: { kind: 'veto', ...shown, reason },
    perform: async (statement, tap) => {
      const claim = claimWaiting(waiting, request)
      try {
        const data = { request, statement, key: tap.key, assertion: tap.assertion }
        await context.log.append([{ type: 'request.vetoed', actor: personActor(person, true), data }])
        claim.leave()
      } finally {
        claim.release()
      }
    },
  })
}

/** @throws HalliganError REQUEST_NOT_WAITING */
function claimWaiting(waiting: WaitingMeans['waiting'], request: string): ReturnType<typeof waiting.claim> {
  try {
    return waiting.claim(request)
  } catch (error) {
    throw new HalliganError('REQUEST_NOT_WAITING', {}, error)
  }
}

/** The second round of a request that has waited: everything is as it was approved, and a quorum taps once more. */
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import { newNonce, stationActor } from '../context.ts'
import type { LoadedRecord } from '../credentials/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { startStopwatch } from './deadlines.ts'
import { loadUnsealFacts, requestFacts } from './job.ts'
import type { WaitingMeans } from './means.ts'
import { createUnseal } from './unseal.ts'

/** The record as it was approved; null when it, what is the newest, or who holds what has changed since. */
async function loadUnchanged(
  { registry, catalogue }: WaitingMeans,
  { credential, version, newest, record, manifest }: RequestStatement,
): Promise<LoadedRecord | null> {
  if (registry.require().hash !== manifest) return null
  try {
    const loaded = await catalogue.load(credential, version)
    return loaded.hash === record && loaded.newest.version === (newest ?? version) ? loaded : null
  } catch (error) {
    if (asHalliganError(error).code === 'CREDENTIAL_UNKNOWN') return null
    throw error
  }
}

/**
 * Resolves with the operation once `request.resumed` is on the disk; from then on it waits no more, whatever becomes of it.
 * @throws HalliganError REQUEST_UNKNOWN, REQUEST_NOT_WAITING, REQUEST_WAITING {seconds}, REQUEST_EXPIRED; REQUEST_OUTDATED: then it
 *   is over, and the log says so; RECORD_DAMAGED, SHARE_DAMAGED, STORAGE_*: it goes on waiting
 */
export async function resumeRequest(
  means: WaitingMeans,
  { request }: { readonly request: string },
): Promise<Operation> {
  const { context, registry, waiting } = means
  registry.require()
  const claim = waiting.claim(request)
  try {
    claim.requireReady()
    const { statement: first, taps, credentialName, opened } = claim.request
    const loaded = await loadUnchanged(means, first)
    if (loaded === null) {
      await context.log.append([
        { type: 'request.cancelled', actor: stationActor, data: { request, reason: 'outdated' } },
      ])
      claim.leave()
      throw new HalliganError('REQUEST_OUTDATED')
    }
    const requester = registry.requirePerson(first.requester)
    const safe = registry.requireSafe(first.safe)
    const facts = await loadUnsealFacts(means, loaded, { requester, safe })
    // Written last, so that no other append can come between the head it names and its own entry.
    const statement: RequestStatement = {
      ...first,
      createdAt: toTimestamp(context.clock.wall()),
      head: context.log.head(),
      nonce: newNonce(context),
      first: toBase64Url(challengeOf(context.primitives, 'request', first)),
    }
    const sinceOpened = startStopwatch(context.clock)
    const [resumed] = await context.log.append(
      [{ type: 'request.resumed', actor: stationActor, data: { statement } }],
      async (_, placed) => {
        await Promise.resolve()
        claim.requireWaited(placed)
      },
    )
    claim.leave()
    const { record, sealed, resealed } = loaded
    const job: JobOf<'unseal'> = {
      kind: 'unseal',
      ...requestFacts(means, statement, sinceOpened),
      ...{ record, sealed, resealed, ...facts },
      approved: { statement: first, taps: [...taps] },
    }
    const openedAt = resumed?.at ?? statement.createdAt
    return createUnseal(means, { job, safe, requester, credentialName, openedAt, openedEntry: opened, sinceOpened })
  } finally {
    claim.release()
  }
}

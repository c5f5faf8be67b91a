/** Opening a request: everything is checked and `request.opened` is durable before a strongroom exists. */
import { toTimestamp } from '../../../shared/clock.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { newId, newNonce, personActor } from '../context.ts'
import type { LoadedRecord } from '../credentials/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { createApproval, withoutContent } from './approve.ts'
import { startStopwatch } from './deadlines.ts'
import { loadUnsealFacts, requestFacts } from './job.ts'
import type { RequestMeans, WaitingMeans } from './means.ts'
import { createUnseal } from './unseal.ts'

type RequestInput = Input<typeof appContract, 'request.open'>

/** Pre-approval and policy, before anything is written. */
function checkAllowed(
  { registry }: RequestMeans,
  input: RequestInput,
  loaded: LoadedRecord,
): { requester: Person; safe: Safe } {
  const { header } = loaded.record
  const requester = registry.requirePerson(input.requester)
  // For an older version too, whoever may not ask for the newest any more may not ask.
  const { requesters } = loaded.newest
  if (!header.requesters.includes(requester.id) || requesters?.includes(requester.id) === false)
    throw new HalliganError('REQUESTER_NOT_APPROVED', { person: requester.name })
  if (requester.keys.length === 0) throw new HalliganError('SETUP_INCOMPLETE', { people: requester.name })
  const safe = registry.requireSafe(header.safe)
  const { windowSecondsMin: min, windowSecondsMax: max } = safe.policy
  if (input.windowSeconds < min || input.windowSeconds > max)
    throw new HalliganError('WINDOW_OUT_OF_POLICY', { min, max })
  return { requester, safe }
}

function writeStatement(
  { context, registry }: RequestMeans,
  input: RequestInput,
  loaded: LoadedRecord,
): RequestStatement {
  const { genesis } = context.log
  const { header } = loaded.record
  return {
    format: 'halligan/request/v1',
    vault: genesis.vault,
    request: newId(context),
    safe: header.safe,
    credential: header.credential,
    version: header.version,
    ...(header.version === loaded.newest.version ? {} : { newest: loaded.newest.version }),
    record: loaded.hash,
    manifest: registry.require().hash,
    reason: input.reason,
    incident: input.incident,
    requester: input.requester,
    windowSeconds: input.windowSeconds,
    createdAt: toTimestamp(context.clock.wall()),
    station: genesis.station,
    head: context.log.head(),
    nonce: newNonce(context),
  }
}

/**
 * Opens a request; resolves with the operation once `request.opened` is on the disk.
 * @throws HalliganError VAULT_NOT_READY, CREDENTIAL_UNKNOWN also for a version that is not there (any more), PERSON_UNKNOWN, REQUESTER_NOT_APPROVED, SETUP_INCOMPLETE,
 *   WINDOW_OUT_OF_POLICY, RECORD_DAMAGED, SHARE_DAMAGED, STORAGE_*; REQUESTS_TOO_MANY when it would have to wait
 */
export async function openRequest(means: WaitingMeans, input: RequestInput): Promise<Operation> {
  const { context, registry, catalogue, waiting } = means
  registry.require()
  const loaded = await catalogue.load(input.credential, input.version)
  const { requester, safe } = checkAllowed(means, input, loaded)
  const { delay } = safe.policy
  if (delay !== undefined && waiting.isFull()) throw new HalliganError('REQUESTS_TOO_MANY')
  const facts = await loadUnsealFacts(means, loaded, { requester, safe })
  const credentialName = loaded.record.header.name
  // Written last, so that no other append can come between the head it names and its own entry.
  const statement = writeStatement(means, input, loaded)
  const sinceOpened = startStopwatch(context.clock)
  const [opened] = await context.log.append([
    { type: 'request.opened', actor: personActor(requester, false), data: { statement, credentialName } },
  ])
  const openedAt = opened?.at ?? statement.createdAt
  const about = { safe, requester, credentialName, openedAt, openedEntry: opened, sinceOpened }
  const request = requestFacts(means, statement, sinceOpened)
  if (delay !== undefined) {
    const { signCounts } = facts
    const job = { kind: 'approve' as const, ...request, ...withoutContent(context, loaded), signCounts }
    return createApproval(means, { ...about, job, delaySeconds: delay.seconds })
  }
  const { record, sealed, resealed } = loaded
  const job = { kind: 'unseal' as const, ...request, record, sealed, resealed, ...facts, approved: null }
  return createUnseal(means, { ...about, job })
}

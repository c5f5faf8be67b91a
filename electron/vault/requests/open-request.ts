/** Opening a request: everything is checked and `request.opened` is durable before a strongroom exists. */
import { toTimestamp } from '../../../shared/clock.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { newId, newNonce, personActor, vaultFacts } from '../context.ts'
import type { LoadedRecord } from '../credentials/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { loadWraps } from '../people/wraps.ts'
import { requestLifetimeMs, startStopwatch } from './deadlines.ts'
import type { RequestMeans } from './means.ts'
import { loadSignCounts } from './sign-counts.ts'
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
  if (!header.requesters.includes(requester.id))
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
 * @throws HalliganError VAULT_NOT_READY, CREDENTIAL_UNKNOWN, PERSON_UNKNOWN, REQUESTER_NOT_APPROVED, SETUP_INCOMPLETE,
 *   WINDOW_OUT_OF_POLICY, RECORD_DAMAGED, SHARE_DAMAGED, STORAGE_*
 */
export async function openRequest(means: RequestMeans, input: RequestInput): Promise<Operation> {
  const { context, registry, catalogue, history } = means
  registry.require()
  const loaded = await catalogue.load(input.credential)
  const { requester, safe } = checkAllowed(means, input, loaded)
  const { database } = context.store
  const people = new Set([requester.id, ...safe.custodians.map(({ person }) => person)])
  const keys = [...people].flatMap((id) => registry.requirePerson(id).keys.map(({ credentialId }) => credentialId))
  const wraps = await loadWraps(database, safe.id)
  const signCounts = await loadSignCounts(database, keys)
  const { credential, version, name: credentialName } = loaded.record.header
  const burned = history.burnedCodes(credential, version)
  // Written last, so that no other append can come between the head it names and its own entry.
  const statement = writeStatement(means, input, loaded)
  const sinceOpened = startStopwatch(context.clock)
  const [opened] = await context.log.append([
    { type: 'request.opened', actor: personActor(requester, false), data: { statement, credentialName } },
  ])
  const id = newId(context)
  const expiresAt = toTimestamp(sinceOpened.startedAt.wall + requestLifetimeMs)
  const job: JobOf<'unseal'> = {
    kind: 'unseal',
    ...vaultFacts(context, id),
    manifests: registry.chain(),
    statement,
    expiresAt,
    record: loaded.record,
    sealed: loaded.sealed,
    resealed: loaded.resealed,
    wraps,
    signCounts,
    burned,
    approved: null,
  }
  const openedAt = opened?.at ?? statement.createdAt
  return createUnseal(means, { job, safe, requester, credentialName, openedAt, openedEntry: opened, sinceOpened })
}

/** What a strongroom is given to open a record. */
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { newId, vaultFacts } from '../context.ts'
import type { LoadedRecord } from '../credentials/catalogue.ts'
import { loadWraps } from '../people/wraps.ts'
import { requestLifetimeMs, type Stopwatch } from './deadlines.ts'
import type { RequestMeans } from './means.ts'
import { loadSignCounts } from './sign-counts.ts'

export type UnsealFacts = Pick<JobOf<'unseal'>, 'wraps' | 'signCounts' | 'burned'>

/** What is read for it; before the statement is written, so that no other append comes between that and its entry. */
export async function loadUnsealFacts(
  { context, registry, history }: RequestMeans,
  { record }: LoadedRecord,
  { requester, safe }: { readonly requester: Person; readonly safe: Safe },
): Promise<UnsealFacts> {
  const { database } = context.store
  const people = new Set([requester.id, ...safe.custodians.map(({ person }) => person)])
  const keys = [...people].flatMap((id) => registry.requirePerson(id).keys.map(({ credentialId }) => credentialId))
  const { credential, version } = record.header
  return {
    wraps: await loadWraps(database, safe.id),
    signCounts: await loadSignCounts(database, keys),
    burned: history.burnedCodes(credential, version),
  }
}

/** What every round's job says of its request. */
export const requestFacts = (
  { context, registry }: RequestMeans,
  statement: RequestStatement,
  since: Stopwatch,
): Pick<
  JobOf<'unseal'>,
  'operation' | 'vault' | 'vaultName' | 'station' | 'manifests' | 'statement' | 'expiresAt'
> => ({
  ...vaultFacts(context, newId(context)),
  manifests: registry.chain(),
  statement,
  expiresAt: toTimestamp(since.startedAt.wall + requestLifetimeMs),
})

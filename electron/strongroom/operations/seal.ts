/** Seals one version of a credential: form, encryption at once, then the tap of the person who answers for it. */
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import type { Manifest, Person, Safe } from '../../../shared/domain/manifest.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { sealRecord, type RecordFacts } from '../crypto/record.ts'
import type { Session } from '../session.ts'
import { confirmTap } from '../tap/ask.ts'
import { findPerson, findSafe, holdersOf, maySeal, nameOf, trustManifests } from '../trust/manifests.ts'
import { askPerson } from './act.ts'
import { headerLines } from './header-lines.ts'
import { fillForm } from './seal-form.ts'
import { actLines } from './views.ts'

type SealJob = JobOf<'seal'>

interface SealContext {
  readonly job: SealJob
  readonly manifest: Manifest
  readonly manifestHash: string
  readonly safe: Safe
  readonly sealer: Person
}

/**
 * Runs to the durable record.
 * @throws HalliganError MANIFEST_INVALID, PERSON_UNKNOWN, POLICY_INVALID {field}.
 */
export async function seal(session: Session, job: SealJob): Promise<void> {
  const { current, hash } = await trustManifests(session.host, job)
  const safe = findSafe(current, job.safe)
  const sealer = findPerson(current, job.person)
  if (!maySeal(sealer)) throw new HalliganError('POLICY_INVALID', { field: 'person' })
  for (const requester of job.requesters) findPerson(current, requester)
  const context: SealContext = { job, manifest: current, manifestHash: hash, safe, sealer }

  session.progress('form', 0, 1)
  const record = await fillForm(
    session,
    {
      name: job.name,
      kind: job.credentialKind,
      version: job.version,
      safe: safe.name,
      sealedBy: sealer.name,
      custodians: safe.custodians.map(({ person }) => nameOf(current, person)),
      threshold: safe.threshold,
      copyAllowed: safe.policy.copyAllowed,
    },
    (payload) => sealRecord(session.sodium, recordFacts(session, context), holdersOf(safe), payload, session.random),
  )
  const statement = await makeStatement(session, context, record)
  const { tap } = await askPerson(session, current, statement, {
    kind: 'seal',
    title: `Seal ${job.name}`,
    lines: [...actLines(statement, current), ...headerLines(record.header, current)],
  })
  await session.vault.sealed({ record, statement, tap })
  await confirmTap(session, sealer)
}

function recordFacts({ clock }: Session, { job, manifest, manifestHash, safe, sealer }: SealContext): RecordFacts {
  return {
    vault: job.vault,
    safe: safe.id,
    credential: job.credential,
    version: job.version,
    manifest: { version: manifest.version, hash: manifestHash },
    name: job.name,
    kind: job.credentialKind,
    requesters: job.requesters,
    rotationDays: job.rotationDays,
    ...(job.rotationNote === undefined ? {} : { rotationNote: job.rotationNote }),
    sealedBy: sealer.id,
    sealedAt: toTimestamp(clock.wall()),
    threshold: safe.threshold,
  }
}

async function makeStatement(
  { vault, random }: Session,
  { job, manifestHash, sealer }: SealContext,
  record: SealedRecord,
): Promise<ActStatement> {
  const { head, at } = await vault.head({})
  const { safe, credential, version, name } = job
  return {
    format: 'halligan/act/v1',
    vault: job.vault,
    act: toBase64Url(random(16)),
    person: sealer.id,
    manifest: manifestHash,
    detail: { kind: 'seal', safe, credential, version, name, record: sealedRecordHash(nodePrimitives, record) },
    createdAt: at,
    station: job.station,
    head,
    nonce: toBase64Url(random(32)),
  }
}

/**
 * A request as this process believes it: the job comes from the vault process and its database, so every statement in it
 * is held against a signature before anybody is asked to tap.
 */
import { findKey } from '../../../shared/audit/manifest-signers.ts'
import { bodilessRecordHash, sealedRecordHash } from '../../../shared/audit/records.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, Person, Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { findPerson, findSafe, trustManifests, type ManifestMemory } from './manifests.ts'
import { recordDamaged, trustRecord, type Custodian } from './record.ts'

/** Of the first round nothing comes that could be opened. */
type RequestJob = JobOf<'unseal' | 'approve'>

export interface TrustedRequest {
  readonly manifest: Manifest
  readonly safe: Safe
  readonly requester: Person
  /** Name of who sealed, when the key is no longer theirs: whoever has it now may have sealed this. Null as a rule. */
  readonly struckOffSealer: string | null
  /** Distinct people needed: what the shares demand, and what the safe demands today if that is more. */
  readonly threshold: number
  readonly custodians: readonly Custodian[]
  /** WebAuthn challenge of every tap of this request. */
  readonly challenge: Uint8Array<ArrayBuffer>
}

/**
 * Checks manifest, seal, record and request against each other.
 * @throws HalliganError MANIFEST_*; RECORD_DAMAGED {part} when record or seal are not what was signed;
 *   REQUESTER_NOT_APPROVED, WINDOW_OUT_OF_POLICY, PERSON_UNKNOWN.
 */
export async function trustRequest(memory: ManifestMemory, job: RequestJob): Promise<TrustedRequest> {
  const { statement, record } = job
  const { header } = record
  if (job.kind === 'approve' && (record.body !== '' || record.boxes.length > 0)) throw recordDamaged('body')
  const manifests = await trustManifests(memory, job)
  const { current } = manifests
  if (statement.manifest !== manifests.hash)
    throw new HalliganError('MANIFEST_INVALID', { detail: 'request names another' })
  if (hashOf(job) !== statement.record) throw recordDamaged('record')
  const named: [string | number, string | number][] = [
    [statement.vault, job.vault],
    [statement.station, job.station],
    [header.safe, statement.safe],
    [header.credential, statement.credential],
    [header.version, statement.version],
  ]
  // Which is the newest only the log knows. What is approved as an older version must at least be able to be one.
  const isOlder = statement.newest === undefined || statement.newest > statement.version
  if (!isOlder || named.some(([a, b]) => a !== b)) throw recordDamaged('names')

  const trusted = await trustRecord(manifests, job.vault, job)
  const { sealer } = trusted
  const requester = findPerson(current, statement.requester)
  if (!header.requesters.includes(requester.id)) throw new HalliganError('REQUESTER_NOT_APPROVED')
  const safe = findSafe(current, statement.safe)
  const { windowSecondsMin, windowSecondsMax } = safe.policy
  if (statement.windowSeconds < windowSecondsMin || statement.windowSeconds > windowSecondsMax) {
    throw new HalliganError('WINDOW_OUT_OF_POLICY')
  }
  return {
    manifest: current,
    safe,
    requester,
    struckOffSealer:
      findKey(current, sealer.person.id, sealer.key.credentialId) === undefined ? sealer.person.name : null,
    threshold: Math.max(header.threshold, safe.threshold),
    custodians: trusted.custodiansIn(current, safe),
    challenge: challengeOf(nodePrimitives, 'request', statement),
  }
}

const hashOf = (job: RequestJob): string =>
  job.kind === 'approve'
    ? bodilessRecordHash(nodePrimitives, job.record.header, job.bodyHash)
    : sealedRecordHash(nodePrimitives, job.record)

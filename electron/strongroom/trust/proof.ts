/** A proof as this process believes it: statement, records and seals held against each other before anybody is asked to tap. */
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { RecordHeader } from '../../../shared/domain/credential.ts'
import type { Manifest, Safe } from '../../../shared/domain/manifest.ts'
import type { JointDetail } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { findSafe, trustManifests, type ManifestMemory } from './manifests.ts'
import { recordDamaged, trustRecord, type Custodian } from './record.ts'

type ProofDetail = Extract<JointDetail, { kind: 'prove' }>

/** One record to prove, and who may give a share of it. */
export interface ProvenRecord {
  readonly header: RecordHeader
  readonly custodians: readonly Custodian[]
}

export interface TrustedProof {
  readonly manifest: Manifest
  readonly safe: Safe
  readonly detail: ProofDetail
  readonly records: readonly ProvenRecord[]
  /** Distinct people needed: the most that any record's shares, or the safe today, demand. */
  readonly threshold: number
  readonly challenge: Uint8Array<ArrayBuffer>
}

/**
 * Checks manifest, statement, seals and records against each other.
 * @throws HalliganError MANIFEST_*, MESSAGE_INVALID {kind}; RECORD_DAMAGED {part} when a record is not what was signed, or has a
 *   body: what is here could be decrypted then.
 */
export async function trustProof(memory: ManifestMemory, job: JobOf<'prove'>): Promise<TrustedProof> {
  const { statement, records } = job
  const { detail } = statement
  const manifests = await trustManifests(memory, job)
  const { current } = manifests
  if (detail.kind !== 'prove') throw new HalliganError('MESSAGE_INVALID', { kind: detail.kind })
  if (statement.manifest !== manifests.hash || statement.vault !== job.vault || statement.station !== job.station) {
    throw new HalliganError('MANIFEST_INVALID', { detail: 'statement names another' })
  }
  const safe = findSafe(current, detail.safe)
  if (records.length !== detail.records.length) throw recordDamaged('names')
  const proven: ProvenRecord[] = []
  for (const [at, vouched] of records.entries()) {
    const { header, body } = vouched.record
    const named = detail.records[at]
    if (body !== '') throw recordDamaged('body')
    const trusted = await trustRecord(manifests, job.vault, vouched)
    const isNamed =
      named?.record === trusted.hash &&
      named.credential === header.credential &&
      named.version === header.version &&
      named.name === header.name &&
      header.safe === safe.id
    if (!isNamed) throw recordDamaged('names')
    proven.push({ header, custodians: trusted.custodiansIn(current, safe) })
  }
  if (new Set(proven.map(({ header }) => header.credential)).size !== proven.length) throw recordDamaged('names')
  return {
    manifest: current,
    safe,
    detail,
    records: proven,
    threshold: Math.max(safe.threshold, ...proven.map(({ header }) => header.threshold)),
    challenge: challengeOf(nodePrimitives, 'joint', statement),
  }
}

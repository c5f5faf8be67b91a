/**
 * A request as this process believes it: the job comes from the vault process and its database, so every statement in it
 * is held against a signature before anybody is asked to tap.
 */
import { findKey } from '../../../shared/audit/manifest-signers.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { fromBase64Url, sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { hashBox, type ShareHolder } from '../crypto/record.ts'
import { isTapOrigin } from '../../../shared/domain/tap.ts'
import { verifyAssertion } from '../tap/assertion.ts'
import { toCose } from '../tap/cose.ts'
import {
  findHolder,
  findPerson,
  findSafe,
  holdersOf,
  maySeal,
  trustManifests,
  type ManifestMemory,
} from './manifests.ts'

type UnsealJob = JobOf<'unseal'>

/** One custodian who may still give a share: in the safe today and when the record was sealed. */
export interface Custodian extends ShareHolder {
  readonly person: Person
  /** Commitment to their share, base64url. */
  readonly commitment: string
  readonly box: Uint8Array<ArrayBuffer>
  /** False when the box on disk is not the one that was sealed: their share is lost, and known to be before any tap. */
  readonly intact: boolean
}

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

const recordDamaged = (part: string): HalliganError => new HalliganError('RECORD_DAMAGED', { part })

/**
 * Checks manifest, seal, record and request against each other.
 * @throws HalliganError MANIFEST_*; RECORD_DAMAGED {part} when record or seal are not what was signed;
 *   REQUESTER_NOT_APPROVED, WINDOW_OUT_OF_POLICY, PERSON_UNKNOWN.
 */
export async function trustRequest(memory: ManifestMemory, job: UnsealJob): Promise<TrustedRequest> {
  const { statement, record } = job
  const { header } = record
  const manifests = await trustManifests(memory, job)
  const { current } = manifests
  if (statement.manifest !== manifests.hash)
    throw new HalliganError('MANIFEST_INVALID', { detail: 'request names another' })
  if (sealedRecordHash(nodePrimitives, record) !== statement.record) throw recordDamaged('record')
  const named: [string | number, string | number][] = [
    [statement.vault, job.vault],
    [header.vault, job.vault],
    [statement.station, job.station],
    [header.safe, statement.safe],
    [header.credential, statement.credential],
    [header.version, statement.version],
  ]
  if (named.some(([a, b]) => a !== b)) throw recordDamaged('names')

  const sealing = manifests.find(header.manifest.version, header.manifest.hash)
  if (sealing === undefined) throw recordDamaged('manifest')
  const sealer = await checkSeal(job, sealing)
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
    custodians: listCustodians(job, findSafe(sealing, statement.safe), current, safe),
    challenge: challengeOf(nodePrimitives, 'request', statement),
  }
}

interface KeyHolder {
  readonly person: Person
  readonly key: SecurityKey
}

/** The tap under which the record was sealed, and by whom with what: a person allowed to seal approved exactly this record. */
async function checkSeal(
  { sealed, record, vault, statement: request }: UnsealJob,
  sealing: Manifest,
): Promise<KeyHolder> {
  const { header } = record
  const { statement, tap } = sealed
  const { detail } = statement
  const { safe, credential, version, name } = header
  const expected = { kind: 'seal', safe, credential, version, name, record: request.record }
  const holder = findHolder(sealing, tap.key)
  const proves =
    sameBytes(canonicalBytes(detail), canonicalBytes(expected)) &&
    statement.vault === vault &&
    statement.manifest === header.manifest.hash &&
    statement.person === header.sealedBy &&
    tap.person === header.sealedBy &&
    holder?.person.id === header.sealedBy &&
    maySeal(holder.person)
  if (!proves) throw recordDamaged('seal')
  const challenge = challengeOf(nodePrimitives, 'act', statement)
  await verifyAssertion(holder.key, toCose(holder.key.publicKey), tap.assertion, challenge, isTapOrigin).catch(
    (error: unknown) => {
      throw new HalliganError('RECORD_DAMAGED', { part: 'seal' }, error)
    },
  )
  return holder
}

/** Header against the manifest it was sealed to; then who of those is still a custodian. */
function listCustodians({ record }: UnsealJob, sealedTo: Safe, current: Manifest, safe: Safe): Custodian[] {
  const { header, boxes } = record
  const holders = holdersOf(sealedTo)
  const agrees =
    header.threshold === sealedTo.threshold &&
    header.shares.length === holders.length &&
    header.shares.every(({ custodian, index }, at) => {
      const holder = holders[at]
      return holder?.custodian === custodian && holder.index === index
    })
  if (!agrees) throw recordDamaged('shares')
  return holders.flatMap((holder, at) => {
    const share = header.shares[at]
    const today = safe.custodians.find(({ person }) => person === holder.custodian)
    if (share === undefined || today === undefined) return []
    // A missing box is a damaged share, not a reason to refuse the other custodians.
    const box = fromBase64Url(boxes[at] ?? '')
    const person = findPerson(current, holder.custodian)
    return [{ ...holder, person, commitment: share.commitment, box, intact: hashBox(box) === share.box }]
  })
}

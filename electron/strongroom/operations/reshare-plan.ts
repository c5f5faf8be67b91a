/** What a change of custodians comes to, as this process believes it, before anybody is asked to touch anything. */
import { checkContinuation, manifestHash } from '../../../shared/audit/manifest.ts'
import { signingRule } from '../../../shared/audit/manifest-signers.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { RecordHeader } from '../../../shared/domain/credential.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import { isSameCustody } from '../../../shared/domain/custody-change.ts'
import type { Manifest, Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { findSafe, trustManifests, type TrustedManifests } from '../trust/manifests.ts'
import { recordDamaged, trustRecord } from '../trust/record.ts'
import { trustedKeys } from './amend.ts'
import { changeLines } from './amend-lines.ts'

type ReshareJob = JobOf<'reshare'>

/** A record that is to be sealed anew. */
export interface OldRecord {
  readonly credential: string
  readonly version: number
  /** Of the credential, as its sealer approved it. */
  readonly name: string
  /** Record hash, base64url. */
  readonly hash: string
  /** The safe that it is in, and the one that it will be in. */
  readonly from: string
  readonly to: string
  /** Custodians whose boxes are not what was sealed: their shares are lost. */
  readonly lost: ReadonlySet<string>
}

export interface ResharePlan {
  readonly job: ReshareJob
  readonly manifests: TrustedManifests
  readonly current: Manifest
  readonly next: Manifest
  /** Of `next`, base64url. */
  readonly nextHash: string
  /** In the order of their leaves. */
  readonly records: readonly OldRecord[]
  /** Everything that changes, in words. */
  readonly lines: TapView['lines']
  /** What becomes theirs with `next`, by person. */
  readonly arriving: ReadonlyMap<string, readonly Custody[]>
  /** Who comes with security keys and will hold no share: nothing but a touch of each key proves them. */
  readonly newcomers: readonly Person[]
}

const invalid = (detail: string): HalliganError => new HalliganError('MANIFEST_INVALID', { detail })

/**
 * Holds the next manifest against the one in force, and every record against what vouches for it.
 * @throws HalliganError MANIFEST_* {detail}, AMENDMENT_EMPTY; RECORD_DAMAGED {part}.
 */
export async function planReshare(session: Session, job: ReshareJob): Promise<ResharePlan> {
  const manifests = await trustManifests(session.host, job)
  const { current, hash } = manifests
  const { next } = job
  const broken = checkContinuation(current, hash, next)
  if (broken !== null) throw invalid(broken.detail)
  const lines = changeLines(current, next)
  if (lines.length === 0) throw new HalliganError('AMENDMENT_EMPTY')
  if (lines.length > limits.persons) throw invalid('more changes than can be shown at once')
  if (signingRule(current, next).kind !== 'quorum') throw invalid('nothing changes but one person’s security keys')
  const arriving = findArriving(current, next)
  const newcomers = findNewcomers(current, next, arriving)
  const records = await readRecords(session, job, manifests)
  return {
    job,
    manifests,
    current,
    next,
    nextHash: manifestHash(nodePrimitives, next),
    records,
    lines,
    arriving,
    newcomers,
  }
}

/** Key pairs that `next` lists for the first time. */
function findArriving(current: Manifest, next: Manifest): Map<string, readonly Custody[]> {
  const arriving = new Map<string, readonly Custody[]>()
  for (const { id, name } of next.persons) {
    const before = custodiesOf(current, id)
    const fresh = custodiesOf(next, id).filter(({ safe, publicKey }) =>
      before.every((one) => one.safe !== safe || one.publicKey !== publicKey),
    )
    // One key pair per person and safe: what their touch opens must not depend on which of two is meant.
    if (fresh.some(({ safe }) => before.some((one) => one.safe === safe))) {
      throw invalid(`it gives ${name} another key pair in a safe that they are in`)
    }
    if (fresh.length > 0) arriving.set(id, fresh)
  }
  return arriving
}

/**
 * Who comes with security keys. Of those who get shares a ring proves them, of the others touches.
 * @throws HalliganError MANIFEST_INVALID {detail} for a key that comes any other way.
 */
function findNewcomers(current: Manifest, next: Manifest, arriving: ReadonlyMap<string, unknown>): Person[] {
  const listed = (manifest: Manifest, id: string): string[] =>
    trustedKeys({ ...manifest, safes: [], persons: manifest.persons.filter((person) => person.id === id) })
  return next.persons.filter(({ id, name, keys }) => {
    const before = listed(current, id)
    const isNew = listed(next, id).some((key) => !before.includes(key))
    // Whoever can write the database could put a key of their own beside the others.
    if (isNew && before.length > 0) throw invalid(`it lists a key of ${name} that nobody has proven`)
    return isNew && keys.length > 0 && !arriving.has(id)
  })
}

/** Everything that is to be sealed anew, read and checked once; bodies are read again when it is their turn. */
async function readRecords(session: Session, job: ReshareJob, manifests: TrustedManifests): Promise<OldRecord[]> {
  const { current } = manifests
  const targets = new Map(job.moves.map(({ credential, safe }) => [credential, safe]))
  const records: OldRecord[] = []
  while (records.length < job.records) {
    const page = await session.vault.oldRecords({ from: records.length })
    if (page.records.length === 0) throw recordDamaged('number')
    for (const vouched of page.records) {
      const { header } = vouched.record
      const last = records.at(-1)
      if (last !== undefined && !isAfter(header, last)) throw recordDamaged('order')
      const trusted = await trustRecord(manifests, job.vault, vouched)
      const today = findSafe(current, header.safe)
      // One that an earlier change of custodians had left behind.
      if (!isSameCustody(trusted.sealedTo, today)) throw recordDamaged('shares')
      const to = findSafe(job.next, targets.get(header.credential) ?? header.safe).id
      const custodians = trusted.custodiansIn(current, today)
      const [loss] = custodians.filter(({ intact }) => !intact)
      if (loss !== undefined && custodians.filter(({ intact }) => intact).length < today.threshold) {
        throw new HalliganError('SHARE_DAMAGED', { custodian: loss.custodian })
      }
      records.push({
        credential: header.credential,
        version: header.version,
        name: header.name,
        hash: trusted.hash,
        from: header.safe,
        to,
        lost: new Set(custodians.filter(({ intact }) => !intact).map(({ custodian }) => custodian)),
      })
    }
  }
  if (records.length !== job.records) throw recordDamaged('number')
  return records
}

const isAfter = (header: RecordHeader, last: Pick<OldRecord, 'credential' | 'version'>): boolean =>
  header.credential > last.credential || (header.credential === last.credential && header.version > last.version)

/**
 * A sealed record as this process believes it. Header and boxes come from a database: they count for what somebody's tap says of
 * them. Either its sealer approved exactly this record, or enough custodians approved a root under which it is.
 */
import { bodilessRecordHash, resealedLeaf, sealedRecordHash } from '../../../shared/audit/records.ts'
import { verifyInclusion } from '../../../shared/audit/proofs.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { fromBase64Url, sameBytes, toHex } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import { isTapOrigin, type Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { hashBox, type ShareHolder } from '../crypto/record.ts'
import { verifyAssertion } from '../tap/assertion.ts'
import { toCose } from '../tap/cose.ts'
import { findHolder, findPerson, holdersOf, maySeal, type TrustedManifests } from './manifests.ts'

/** One custodian who may still give a share: in the safe today and when the record was sealed. */
export interface Custodian extends ShareHolder {
  readonly person: Person
  /** Commitment to their share, base64url. */
  readonly commitment: string
  readonly box: Uint8Array<ArrayBuffer>
  /** False when the box on disk is not the one that was sealed: their share is lost, and known to be before any tap. */
  readonly intact: boolean
}

interface KeyHolder {
  readonly person: Person
  readonly key: SecurityKey
}

export interface TrustedRecord {
  /** Record hash, base64url. */
  readonly hash: string
  /** Who sealed the secret, with which key; in a record that was sealed anew, who had sealed it before. */
  readonly sealer: KeyHolder
  /** The safe as it was in the manifest that the record is sealed to. */
  readonly sealedTo: Safe
  /**
   * Who of its custodians is one in `today` too.
   * @throws HalliganError PERSON_UNKNOWN.
   */
  readonly custodiansIn: (current: Manifest, today: Safe) => Custodian[]
}

type Resealed = NonNullable<VouchedRecord['resealed']>
/** `bodyHash`: SHA-256 of the body, base64url, where that was left out. */
type Vouched = VouchedRecord & { readonly bodyHash?: string }

export const recordDamaged = (part: string): HalliganError => new HalliganError('RECORD_DAMAGED', { part })

/**
 * Checks header, boxes' places, seal and, where it was sealed anew, that its custodians vouch for it. Boxes themselves may be
 * damaged: that is one custodian's loss (`intact`).
 * @throws HalliganError RECORD_DAMAGED {part}: names, manifest, seal, resealed, shares.
 */
export async function trustRecord(
  manifests: TrustedManifests,
  vault: string,
  vouched: Vouched,
): Promise<TrustedRecord> {
  const { record, bodyHash } = vouched
  const { header, boxes } = record
  if (header.vault !== vault) throw recordDamaged('names')
  const hash =
    bodyHash === undefined
      ? sealedRecordHash(nodePrimitives, record)
      : bodilessRecordHash(nodePrimitives, header, bodyHash)
  const sealing = manifests.find(header.manifest.version, header.manifest.hash)
  if (sealing === undefined) throw recordDamaged('manifest')
  const sealer = await checkSeal(manifests, vouched, sealing, hash)
  const sealedTo = sealing.safes.find(({ id }) => id === header.safe)
  if (sealedTo === undefined) throw recordDamaged('manifest')
  const holders = checkShares(vouched, sealedTo)
  if (vouched.resealed !== null) await checkResealed(manifests, vault, vouched, vouched.resealed, { sealedTo, hash })
  return {
    hash,
    sealer,
    sealedTo,
    custodiansIn: (current, today) =>
      holders.flatMap((holder, at) => {
        const share = header.shares[at]
        const isOneToday = today.custodians.some(({ person }) => person === holder.custodian)
        if (share === undefined || !isOneToday) return []
        // A missing box is a damaged share, not a reason to refuse the other custodians.
        const box = fromBase64Url(boxes[at] ?? '')
        const person = findPerson(current, holder.custodian)
        return [{ ...holder, person, commitment: share.commitment, box, intact: hashBox(box) === share.box }]
      }),
  }
}

/** The tap under which the secret was sealed, and by whom with what: a person allowed to seal approved exactly this. */
async function checkSeal(
  manifests: TrustedManifests,
  { record: { header }, sealed, resealed }: Vouched,
  sealing: Manifest,
  hash: string,
): Promise<KeyHolder> {
  const { statement, tap } = sealed
  const { detail } = statement
  const { safe, credential, version, name } = header
  // Sealed anew it is another record, maybe in another safe, and for it the custodians vouch.
  const own = resealed === null ? { safe, record: hash } : {}
  const expected = { ...detail, kind: 'seal', credential, version, name, ...own }
  const then = resealed === null ? sealing : manifests.findHash(statement.manifest)
  const holder = then === undefined ? undefined : findHolder(then, tap.key)
  const proves =
    sameBytes(canonicalBytes(detail), canonicalBytes(expected)) &&
    statement.vault === header.vault &&
    (resealed !== null || statement.manifest === header.manifest.hash) &&
    statement.person === header.sealedBy &&
    tap.person === header.sealedBy &&
    holder?.person.id === header.sealedBy &&
    maySeal(holder.person)
  if (!proves) throw recordDamaged('seal')
  await verifyTap(holder.key, tap, challengeOf(nodePrimitives, 'act', statement), 'seal')
  return holder
}

async function verifyTap(key: SecurityKey, tap: Tap, challenge: Uint8Array<ArrayBuffer>, part: string): Promise<void> {
  await verifyAssertion(key, toCose(key.publicKey), tap.assertion, challenge, isTapOrigin).catch((error: unknown) => {
    throw new HalliganError('RECORD_DAMAGED', { part }, error)
  })
}

/** Header against the safe it is sealed to. */
function checkShares({ record: { header } }: Vouched, sealedTo: Safe): ShareHolder[] {
  const holders = holdersOf(sealedTo)
  const agrees =
    header.threshold === sealedTo.threshold &&
    header.shares.length === holders.length &&
    header.shares.every(({ custodian, index }, at) => {
      const holder = holders[at]
      return holder?.custodian === custodian && holder.index === index
    })
  if (!agrees) throw recordDamaged('shares')
  return holders
}

/** Signers of a joint statement, each verified once however many records it vouches for. */
const verified = new WeakMap<TrustedManifests, Map<string, Promise<ReadonlySet<string>>>>()

/**
 * One root over many records: as many custodians of the record's safe as it takes to open it must have signed it. Each opened
 * and checked their own shares of everything under it before they did.
 */
async function checkResealed(
  manifests: TrustedManifests,
  vault: string,
  { record: { header } }: Vouched,
  resealed: Resealed,
  { sealedTo, hash }: { readonly sealedTo: Safe; readonly hash: string },
): Promise<void> {
  const { statement, index, proof } = resealed
  const { detail } = statement
  const before = manifests.findHash(statement.manifest)
  const says =
    detail.kind === 'reshare' &&
    statement.vault === vault &&
    detail.next.version === header.manifest.version &&
    detail.next.hash === header.manifest.hash &&
    before?.version === detail.next.version - 1
  if (!says) throw recordDamaged('resealed')
  const claim = {
    leaf: resealedLeaf(nodePrimitives, header, hash),
    index,
    size: detail.records,
    root: fromBase64Url(detail.root),
  }
  if (!verifyInclusion(nodePrimitives, claim, proof.map(fromBase64Url))) throw recordDamaged('resealed')
  const signers = await verifySigners(manifests, resealed)
  const have = sealedTo.custodians.filter(({ person }) => signers.has(person)).length
  if (have < sealedTo.threshold) throw recordDamaged('resealed')
}

function verifySigners(manifests: TrustedManifests, { statement, taps }: Resealed): Promise<ReadonlySet<string>> {
  const known = verified.get(manifests) ?? new Map<string, Promise<ReadonlySet<string>>>()
  verified.set(manifests, known)
  const name = toHex(nodePrimitives.sha256(canonicalBytes({ statement, taps })))
  const signers = known.get(name) ?? listSigners(manifests, { statement, taps })
  known.set(name, signers)
  return signers
}

async function listSigners(
  manifests: TrustedManifests,
  { statement, taps }: Pick<Resealed, 'statement' | 'taps'>,
): Promise<ReadonlySet<string>> {
  const { detail } = statement
  if (detail.kind !== 'reshare') throw recordDamaged('resealed')
  const challenge = challengeOf(nodePrimitives, 'joint', statement)
  // Only keys that the version lists to which it was sealed: one that it struck off is lost or stolen, and vouches for nothing.
  const next = manifests.findHash(detail.next.hash)
  const signers = new Set<string>()
  for (const tap of taps) {
    const holder = next === undefined ? undefined : findHolder(next, tap.key)
    if (holder?.person.id !== tap.person) throw recordDamaged('resealed')
    await verifyTap(holder.key, tap, challenge, 'resealed')
    signers.add(tap.person)
  }
  return signers
}

/**
 * Every record opened with the old custodians' keys and sealed anew, under a fresh content key, to those of the next manifest. One
 * payload is in memory at a time, and none ever leaves this process.
 */
import { appendLeaf, emptyTree, treeRoot } from '../../../shared/audit/merkle.ts'
import { resealedLeaf, sealedRecordHash } from '../../../shared/audit/records.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { hashBox, openRecord, sealRecord, type RecordFacts } from '../crypto/record.ts'
import { openShare } from '../crypto/share.ts'
import type { Session } from '../session.ts'
import { findSafe, holdersOf } from '../trust/manifests.ts'
import { recordDamaged } from '../trust/record.ts'
import type { OpenedKeys } from './opened-keys.ts'
import type { OldRecord, ResharePlan } from './reshare-plan.ts'

export interface Resealed {
  /** Record hashes in the order of the leaves, base64url: what must lie on the disk. */
  readonly hashes: readonly string[]
  /** RFC 6962 root over all of them, base64url. */
  readonly root: string
}

/** A message with so much of records in it is sent (UTF-16 units of its JSON; a message may have twice as much). */
const pageSize = 3 * 1_048_576
/** After so many records whoever wants the operation to end is heard. */
const breath = 8

/**
 * @throws HalliganError RECORD_DAMAGED {part}, SHARE_DAMAGED, SHARE_WRONG {custodian}, CONTENT_KEY_WRONG: nothing is switched then.
 */
export async function resealRecords(session: Session, plan: ResharePlan, opened: OpenedKeys): Promise<Resealed> {
  const { records } = plan
  const hashes: string[] = []
  let tree = emptyTree
  let page: SealedRecord[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (page.length > 0) await session.vault.resealed({ from: hashes.length - page.length, records: page })
    page = []
    size = 0
    session.progress('working', hashes.length, records.length)
  }
  session.progress('working', 0, records.length)
  while (hashes.length < records.length) {
    const { records: old } = await session.vault.oldRecords({ from: hashes.length })
    if (old.length === 0) throw recordDamaged('number')
    for (const { record } of old) {
      const known = records[hashes.length]
      // Read a second time: what is opened must be what was checked.
      if (known?.hash !== sealedRecordHash(nodePrimitives, record)) throw recordDamaged('record')
      const fresh = resealRecord(session, plan, opened, known, record)
      const hash = sealedRecordHash(nodePrimitives, fresh)
      tree = appendLeaf(nodePrimitives, tree, resealedLeaf(nodePrimitives, fresh.header, hash))
      const length = JSON.stringify(fresh).length
      if (size + length > pageSize) await flush()
      hashes.push(hash)
      page.push(fresh)
      size += length
      if (hashes.length % breath === 0) await session.pause(0)
    }
    await flush()
  }
  return { hashes, root: toBase64Url(treeRoot(nodePrimitives, tree)) }
}

function resealRecord(
  { sodium, random }: Session,
  { current, next, nextHash }: ResharePlan,
  opened: OpenedKeys,
  { from, to, lost }: OldRecord,
  record: SealedRecord,
): SealedRecord {
  const shares = openShares(sodium, findSafe(current, from), opened, lost, record)
  try {
    const payload = openRecord(sodium, record, shares)
    try {
      const safe = findSafe(next, to)
      const facts = factsOf(record, safe, { version: next.version, hash: nextHash })
      return sealRecord(sodium, facts, holdersOf(safe), payload, random)
    } finally {
      for (const part of [payload.runbook, ...payload.values]) sodium.memzero(part)
    }
  } finally {
    for (const share of shares) sodium.memzero(share)
  }
}

/** What stays of the header: the secret is the same, and as old as it was. */
function factsOf({ header }: SealedRecord, safe: Safe, manifest: RecordFacts['manifest']): RecordFacts {
  const { vault, credential, version, name, kind, requesters, rotationDays, rotationNote, sealedBy, sealedAt } = header
  const kept = { vault, credential, version, name, kind, requesters, rotationDays, sealedBy, sealedAt }
  const note = rotationNote === undefined ? {} : { rotationNote }
  return { ...kept, ...note, safe: safe.id, manifest, threshold: safe.threshold }
}

/** Exactly as many checked shares as it takes; the caller wipes them. */
function openShares(
  sodium: Session['sodium'],
  safe: Safe,
  opened: OpenedKeys,
  lost: ReadonlySet<string>,
  { header, boxes }: SealedRecord,
): Uint8Array[] {
  const shares: Uint8Array[] = []
  try {
    for (const [person, key] of opened.of(safe.id)) {
      if (shares.length === header.threshold) break
      if (lost.has(person)) continue
      const at = header.shares.findIndex(({ custodian }) => custodian === person)
      const share = header.shares[at]
      const held = safe.custodians.find((one) => one.person === person)
      const box = fromBase64Url(boxes[at] ?? '')
      if (held === undefined || share?.box !== hashBox(box)) {
        throw new HalliganError('SHARE_DAMAGED', { custodian: person })
      }
      const { vault, safe: safeId, credential, version, threshold } = header
      const name = { vault, safe: safeId, credential, version, threshold, custodian: person, index: share.index }
      const publicKey = fromBase64Url(held.publicKey)
      shares.push(key.use((secretKey) => openShare(sodium, name, share.commitment, box, { publicKey, secretKey })))
    }
    if (shares.length < header.threshold) throw new HalliganError('SHARE_DAMAGED')
    return shares
  } catch (error) {
    for (const share of shares) sodium.memzero(share)
    throw error
  }
}

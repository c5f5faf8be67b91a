/** A record that was sealed anew against the one that it shall replace. Pure. */
import { checkStoredRecord, sealedRecordHash, type StoredRecord } from '../../../../shared/audit/records.ts'
import { sameBytes } from '../../../../shared/bytes.ts'
import { canonicalBytes } from '../../../../shared/canonical.ts'
import type { RecordHeader, SealedRecord } from '../../../../shared/domain/credential.ts'
import type { Manifest } from '../../../../shared/domain/manifest.ts'
import type { Primitives } from '../../../../shared/primitives.ts'
import { insist } from '../../context.ts'
import type { InForce } from '../registry.ts'
import { toStoredRecord } from './record-pages.ts'

/** What stays: the secret is the same. */
const kept = [
  'format',
  'suite',
  'vault',
  'credential',
  'version',
  'name',
  'kind',
  'requesters',
  'rotationDays',
  'rotationNote',
  'sealedBy',
  'sealedAt',
] as const satisfies readonly (keyof RecordHeader)[]

const isSame = (a: unknown, b: unknown): boolean => sameBytes(canonicalBytes(a), canonicalBytes(b))

/** In order of index: who holds which share. */
const placesOf = (list: readonly { readonly index: number; readonly person: string }[]): string =>
  list
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, person }) => `${index}:${person}`)
    .join()

const safeOf = ({ safes }: Manifest, id: string): Manifest['safes'][number] | undefined =>
  safes.find((safe) => safe.id === id)

/**
 * Insists that `record` is the successor of `old` in safe `to` of the next manifest, under another content key.
 * @returns it as it will be stored
 * @throws HalliganError MESSAGE_INVALID {what}
 */
export function checkResealed(
  primitives: Primitives,
  old: RecordHeader,
  record: SealedRecord,
  { to, next }: { readonly to: string; readonly next: InForce },
): StoredRecord {
  const { header, boxes } = record
  const safe = safeOf(next.manifest, to)
  // Neither may have a note that the other has not.
  for (const member of kept) insist(isSame(header[member] ?? null, old[member] ?? null), `header.${member}`)
  insist(safe !== undefined && header.safe === to, 'header.safe')
  insist(isSame(header.manifest, { version: next.manifest.version, hash: next.hash }), 'header.manifest')
  insist(header.threshold === safe.threshold, 'header.threshold')
  const shares = header.shares.map(({ index, custodian }) => ({ index, person: custodian }))
  insist(placesOf(shares) === placesOf(safe.custodians), 'header.shares')
  // The same content key would leave every old share good for the new record.
  insist(header.keyCommitment !== old.keyCommitment && header.nonce !== old.nonce, 'header.keyCommitment')
  insist(boxes.length === header.shares.length, 'boxes')
  const stored = toStoredRecord(record)
  const facts = { record: sealedRecordHash(primitives, record), name: header.name, nameOf: (person: string) => person }
  insist(checkStoredRecord(primitives, stored, facts).length === 0, 'record')
  return stored
}

/** Sealed records at rest against what the log says was sealed (docs/format.md, "Vault database"). */
import { fromBase64Url, fromUtf8, sameBytes, toBase64Url } from '../bytes.ts'
import { canonicalBytes, canonicalMessage } from '../canonical.ts'
import { recordHeaderSchema, type RecordHeader, type SealedRecord } from '../domain/credential.ts'
import type { Primitives } from '../primitives.ts'
import { leafHash } from './merkle.ts'
import type { Problem } from './report.ts'

type Sha256 = Pick<Primitives, 'sha256'>

/** A record as the database holds it. */
export interface StoredRecord {
  readonly credential: string
  readonly version: number
  /** Canonical header. */
  readonly header: Uint8Array
  readonly body: Uint8Array
  readonly boxes: readonly { readonly index: number; readonly box: Uint8Array }[]
}

/** Hash that `credential.sealed` and every request for this version name, base64url. */
export const recordHash = (primitives: Sha256, header: RecordHeader, body: Uint8Array): string =>
  bodilessRecordHash(primitives, header, toBase64Url(primitives.sha256(body)))

/** The same of a record whose body is not at hand. `bodyHash`: SHA-256 of the body, base64url. */
export const bodilessRecordHash = ({ sha256 }: Sha256, header: RecordHeader, bodyHash: string): string =>
  toBase64Url(sha256(canonicalMessage('record', { header, body: bodyHash })))

/** {@link recordHash} of a record as it crosses process borders. */
export const sealedRecordHash = (primitives: Sha256, record: SealedRecord): string =>
  recordHash(primitives, record.header, fromBase64Url(record.body))

/** What a record that was sealed anew is as a leaf of the tree whose root its custodians signed (docs/format.md). */
export const resealedLeaf = (
  primitives: Sha256,
  { credential, version }: Pick<RecordHeader, 'credential' | 'version'>,
  record: string,
): Uint8Array<ArrayBuffer> => leafHash(primitives, canonicalMessage('resealed', { credential, version, record }))

/** Order of the leaves under that root: by credential as text, then by version. */
export function compareVersions(
  a: Pick<RecordHeader, 'credential' | 'version'>,
  b: Pick<RecordHeader, 'credential' | 'version'>,
): number {
  if (a.credential === b.credential) return a.version - b.version
  return a.credential < b.credential ? -1 : 1
}

/** Header from its canonical bytes; null when it is not exactly that. */
export function parseRecordHeader(bytes: Uint8Array): RecordHeader | null {
  try {
    const parsed = recordHeaderSchema.safeParse(JSON.parse(fromUtf8(bytes)))
    return parsed.success && sameBytes(canonicalBytes(parsed.data), bytes) ? parsed.data : null
  } catch {
    return null
  }
}

/** What is known of a sealed version from the log and the manifest, to name things in a report. */
export interface SealedFacts {
  /** Record hash in `credential.sealed`. */
  readonly record: string
  readonly name: string
  /** Name of a person by id. */
  readonly nameOf: (person: string) => string
}

/**
 * Compares a stored record with what was sealed: header and body against the record hash, each box against the header.
 * @returns every problem, naming whose share it is; empty when the record is as it was sealed.
 */
export function checkStoredRecord(primitives: Sha256, stored: StoredRecord, sealed: SealedFacts): Problem[] {
  const what = `credential "${sealed.name}" version ${stored.version}`
  const problem = (code: Problem['code'], detail: string): Problem => ({
    code,
    seq: null,
    detail: detail.slice(0, 300),
  })
  const header = parseRecordHeader(stored.header)
  const holds =
    header !== null &&
    header.credential === stored.credential &&
    header.version === stored.version &&
    recordHash(primitives, header, stored.body) === sealed.record
  // With a header that nobody vouches for there is nothing to hold the boxes against.
  if (!holds) return [problem('record-damaged', `${what} is not as it was sealed`)]
  const problems: Problem[] = []
  for (const share of header.shares) {
    const kept = stored.boxes.find(({ index }) => index === share.index)
    const whose = `share ${share.index} of ${what}, ${sealed.nameOf(share.custodian)}'s,`
    if (kept === undefined) problems.push(problem('share-damaged', `${whose} is missing`))
    else if (toBase64Url(primitives.sha256(kept.box)) !== share.box) {
      problems.push(problem('share-damaged', `${whose} is damaged`))
    }
  }
  const known = new Set(header.shares.map(({ index }) => index))
  for (const { index } of stored.boxes) {
    if (!known.has(index)) problems.push(problem('share-damaged', `${what} has a share ${index} that was never sealed`))
  }
  return problems
}

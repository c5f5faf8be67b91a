/**
 * Records as they travel between the database and a strongroom: those that are to be sealed anew, and their successors, which lie
 * aside in tables of their own until the switch.
 */
import { fromBase64Url, toBase64Url } from '../../../../shared/bytes.ts'
import { canonicalBytes } from '../../../../shared/canonical.ts'
import { parseRecordHeader, type StoredRecord } from '../../../../shared/audit/records.ts'
import type { SealedRecord } from '../../../../shared/domain/credential.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import type { Statements } from '../../store/driver.ts'

/** No page is larger, unless one record alone is (UTF-16 units of its JSON, near enough to bytes). */
const pageSize = 4 * 1_048_576
const pageRecords = 1000

export interface VersionPlace {
  readonly credential: string
  readonly version: number
}

/** Takes what `read` gives for `places`, one after another, until a page is full. */
export async function fillPage<T>(
  places: readonly VersionPlace[],
  from: number,
  read: (place: VersionPlace) => Promise<T>,
): Promise<T[]> {
  const page: T[] = []
  let size = 0
  for (const place of places.slice(from, from + pageRecords)) {
    const item = await read(place)
    size += JSON.stringify(item).length
    if (page.length > 0 && size > pageSize) break
    page.push(item)
  }
  return page
}

/** The form in which a strongroom takes it; a box that is missing is empty. @throws HalliganError RECORD_DAMAGED {detail} */
export function toSealedRecord({ credential, version, header: bytes, body, boxes }: StoredRecord): SealedRecord {
  const header = parseRecordHeader(bytes)
  if (header?.credential !== credential || header.version !== version) {
    throw new HalliganError('RECORD_DAMAGED', { detail: `the header of credential ${credential} cannot be read` })
  }
  return {
    header,
    boxes: header.shares.map(({ index }) =>
      toBase64Url(boxes.find((box) => box.index === index)?.box ?? new Uint8Array()),
    ),
    body: toBase64Url(body),
  }
}

/** The form in which it lies in the database. */
export const toStoredRecord = ({ header, boxes, body }: SealedRecord): StoredRecord => ({
  credential: header.credential,
  version: header.version,
  header: canonicalBytes(header),
  body: fromBase64Url(body),
  boxes: boxes.map((box, at) => ({ index: header.shares[at]?.index ?? 0, box: fromBase64Url(box) })),
})

/** Lays records aside until the switch. */
export async function stageRecords(statements: Statements, records: readonly StoredRecord[]): Promise<void> {
  await statements.runEach(
    'INSERT INTO new_records (credential, version, header, body) VALUES (?, ?, ?, ?)',
    records.map(({ credential, version, header, body }) => [credential, version, header, body]),
  )
  await statements.runEach(
    'INSERT INTO new_shares (credential, version, idx, box) VALUES (?, ?, ?, ?)',
    records.flatMap(({ credential, version, boxes }) =>
      boxes.map(({ index, box }) => [credential, version, index, box] as const),
    ),
  )
}

/** What lies aside of one version, as it is on the disk. */
export async function readStaged(
  statements: Pick<Statements, 'get' | 'all'>,
  { credential, version }: VersionPlace,
): Promise<StoredRecord> {
  const key = [credential, version] as const
  const row = await statements.get('SELECT header, body FROM new_records WHERE credential = ? AND version = ?', ...key)
  const { header, body } = (row ?? {}) as { header?: Uint8Array; body?: Uint8Array }
  if (header === undefined || body === undefined) throw new HalliganError('RECORD_DAMAGED', { detail: 'not staged' })
  const boxes = await statements.all(
    'SELECT idx, box FROM new_shares WHERE credential = ? AND version = ? ORDER BY idx',
    ...key,
  )
  return {
    credential,
    version,
    header,
    body,
    boxes: boxes.map((share) => ({ index: share['idx'] as number, box: share['box'] as Uint8Array })),
  }
}

export async function clearStaged(statements: Statements): Promise<void> {
  await statements.run('DELETE FROM new_shares')
  await statements.run('DELETE FROM new_records')
}

/**
 * The switch: what lies aside takes the place of what was sealed before (secure_delete overwrites that).
 * @returns how many records were there and were replaced
 */
export async function switchRecords(statements: Statements): Promise<number> {
  const isReplaced = (table: string): string =>
    `EXISTS (SELECT 1 FROM new_records AS fresh WHERE fresh.credential = ${table}.credential AND fresh.version = ${table}.version)`
  await statements.run(`DELETE FROM shares WHERE ${isReplaced('shares')}`)
  const replaced = await statements.run(`DELETE FROM records WHERE ${isReplaced('records')}`)
  await statements.run(
    'INSERT INTO records (credential, version, header, body) SELECT credential, version, header, body FROM new_records',
  )
  await statements.run(
    'INSERT INTO shares (credential, version, idx, box) SELECT credential, version, idx, box FROM new_shares',
  )
  await clearStaged(statements)
  return replaced
}

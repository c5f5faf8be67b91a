/** Records sealed anew on their way to the switch: checked against those that they replace, laid aside, read back from the disk. */
import type { NewEntry } from '../../../../shared/audit/entry.ts'
import { appendLeaf, emptyTree, treeRoot } from '../../../../shared/audit/merkle.ts'
import { parseRecordHeader, recordHash, resealedLeaf } from '../../../../shared/audit/records.ts'
import { toBase64Url } from '../../../../shared/bytes.ts'
import type { SealedRecord } from '../../../../shared/domain/credential.ts'
import { insist, stationActor, type VaultContext } from '../../context.ts'
import type { InForce } from '../registry.ts'
import { fillPage, readStaged, stageRecords, toSealedRecord } from './record-pages.ts'
import { checkResealed } from './resealed-check.ts'
import type { OldRecord, RecordReader } from './reshare-plan.ts'

interface Staged {
  readonly place: OldRecord
  /** Record hashes before and after. */
  readonly previous: string
  readonly record: string
  readonly name: string
}

export interface Staging {
  readonly isComplete: () => boolean
  /** The next page. @throws HalliganError MESSAGE_INVALID {what}, RECORD_DAMAGED, SHARE_DAMAGED, STORAGE_* */
  readonly add: (from: number, page: readonly SealedRecord[]) => Promise<void>
  /** A page of what lies aside, as it is on the disk. */
  readonly read: (from: number) => Promise<SealedRecord[]>
  /** RFC 6962 root over what lies on the disk, not over what was handed over; base64url. */
  readonly readRoot: () => Promise<string>
  /** Entries `credential.resealed`, in the order of their leaves. */
  readonly describe: (act: string, leaversOf: (record: OldRecord) => string[]) => NewEntry[]
}

/** Nothing laid aside yet. @param records everything that is to come, in the order of its leaves */
export function createStaging(
  { primitives, store: { database } }: VaultContext,
  records: readonly OldRecord[],
  reader: RecordReader,
  next: InForce,
): Staging {
  const staged: Staged[] = []

  async function add(from: number, page: readonly SealedRecord[]): Promise<void> {
    insist(from === staged.length && from + page.length <= records.length, 'from')
    const fresh = await Promise.all(
      page.map(async (record, at) => {
        const place = records[from + at]
        insist(place !== undefined, 'from')
        const { stored: old, hash, name } = await reader.read(place)
        const header = parseRecordHeader(old.header)
        insist(header !== null, 'header')
        const stored = checkResealed(primitives, header, record, { to: place.to, next })
        return { place, stored, previous: hash, name, record: recordHash(primitives, record.header, stored.body) }
      }),
    )
    await database.transaction((statements) =>
      stageRecords(
        statements,
        fresh.map(({ stored }) => stored),
      ),
    )
    staged.push(...fresh.map(({ place, previous, name, record }) => ({ place, previous, name, record })))
  }

  async function readRoot(): Promise<string> {
    let tree = emptyTree
    for (const { place, record } of staged) {
      const stored = await readStaged(database, place)
      const header = parseRecordHeader(stored.header)
      insist(header !== null && recordHash(primitives, header, stored.body) === record, 'staged')
      tree = appendLeaf(primitives, tree, resealedLeaf(primitives, place, record))
    }
    return toBase64Url(treeRoot(primitives, tree))
  }

  return {
    isComplete: () => staged.length === records.length,
    add,
    read: (from) =>
      fillPage(records.slice(0, staged.length), from, async (place) =>
        toSealedRecord(await readStaged(database, place)),
      ),
    readRoot,
    describe: (act, leaversOf) =>
      staged.map(({ place, previous, name, record }) => ({
        type: 'credential.resealed',
        actor: stationActor,
        data: {
          credential: place.credential,
          version: place.version,
          name,
          safe: place.to,
          previous,
          record,
          manifest: next.hash,
          act,
          leavers: leaversOf(place),
        },
      })),
  }
}

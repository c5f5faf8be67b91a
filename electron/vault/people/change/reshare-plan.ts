/** What one switch comprises: the next manifest, every record to be sealed anew and where it goes, what is known of each. */
import { fromUtf8 } from '../../../../shared/bytes.ts'
import type { EntryData } from '../../../../shared/audit/entry.ts'
import {
  checkStoredRecord,
  compareVersions,
  parseRecordHeader,
  type StoredRecord,
} from '../../../../shared/audit/records.ts'
import type { PeopleChange } from '../../../../shared/contracts/people-views.ts'
import type { VouchedRecord } from '../../../../shared/contracts/strongroom.ts'
import type { Manifest } from '../../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import type { Primitives } from '../../../../shared/primitives.ts'
import { readEntry } from '../../audit/timeline.ts'
import { readStoredRecord } from '../../audit/verify-vault.ts'
import type { History } from '../../requests/history.ts'
import type { Statements } from '../../store/driver.ts'
import { createTargets, findLeavers } from './change-rules.ts'
import { toSealedRecord, type VersionPlace } from './record-pages.ts'

/** One record that is to be sealed anew. */
export interface OldRecord extends VersionPlace {
  /** The safe that it is in. */
  readonly from: string
  /** The safe that it will be in. */
  readonly to: string
}

/** Which records a change concerns, in the order of their leaves. Reads headers only, and believes them nothing. */
export async function findOldRecords(
  statements: Pick<Statements, 'all'>,
  current: Manifest,
  change: PeopleChange,
): Promise<OldRecord[]> {
  const targetOf = createTargets(current, change)
  const rows = await statements.all('SELECT credential, version, header FROM records')
  return rows
    .flatMap(({ credential, version, header }): OldRecord[] => {
      if (typeof credential !== 'string' || typeof version !== 'number' || !(header instanceof Uint8Array)) return []
      const from = readSafe(header)
      const to = from === null ? null : targetOf(credential, from)
      return from === null || to === null ? [] : [{ credential, version, from, to }]
    })
    .sort(compareVersions)
}

/** Null of a header that cannot be read: the check at open names it, and nobody could seal it anew. */
function readSafe(header: Uint8Array): string | null {
  try {
    const { safe } = JSON.parse(fromUtf8(header)) as { safe?: unknown }
    return typeof safe === 'string' ? safe : null
  } catch {
    return null
  }
}

/** Everybody who holds a share of any of these records and will hold none of it. */
export const findAllLeavers = (current: Manifest, change: PeopleChange, records: readonly OldRecord[]): string[] => {
  const ways = new Map(records.map((record) => [`${record.from} ${record.to}`, record]))
  return [...new Set([...ways.values()].flatMap(({ from, to }) => findLeavers(current, change, from, to)))]
}

/** A record as the log and the tables have it. */
export interface KnownRecord {
  readonly stored: StoredRecord
  /** Its hash so far. */
  readonly hash: string
  readonly name: string
  readonly sealed: VouchedRecord['sealed']
}

export interface RecordReader {
  /** @throws HalliganError RECORD_DAMAGED {detail}, SHARE_DAMAGED {detail} when fewer than the threshold are whole */
  readonly read: (place: VersionPlace) => Promise<KnownRecord>
  readonly vouch: (place: VersionPlace) => Promise<VouchedRecord>
}

/** Reads records with the seals that the log holds of them. */
export function createRecordReader(
  statements: Pick<Statements, 'get' | 'all'>,
  primitives: Primitives,
  history: Pick<History, 'reseals'>,
  nameOf: (person: string) => string,
): RecordReader {
  /** Seals of the credential asked for last: its versions follow each other. */
  let known: { credential: string; seals: EntryData<'credential.sealed'>[] } | null = null

  async function findSeal({ credential, version }: VersionPlace): Promise<EntryData<'credential.sealed'>> {
    if (known?.credential !== credential) {
      const rows = await statements.all(
        `SELECT bytes FROM entries WHERE type = 'credential.sealed' AND credential = ? ORDER BY seq`,
        credential,
      )
      const seals = rows.flatMap(({ bytes }) => {
        const entry = readEntry(bytes)
        return entry.type === 'credential.sealed' ? [entry.data] : []
      })
      known = { credential, seals }
    }
    const seal = known.seals.find((one) => one.version === version)
    if (seal === undefined)
      throw new HalliganError('RECORD_DAMAGED', { detail: `a record of ${credential} was never sealed` })
    return seal
  }

  async function read(place: VersionPlace): Promise<KnownRecord> {
    const { credential, version } = place
    const seal = await findSeal(place)
    const { statement, key, assertion, name } = seal
    const hash = history.reseals.find(credential, version)?.record ?? seal.record
    const stored = await readStoredRecord(statements, credential, version)
    if (stored === null) throw new HalliganError('RECORD_DAMAGED', { detail: `credential "${name}" has no record` })
    const problems = checkStoredRecord(primitives, stored, { record: hash, name, nameOf })
    const [first] = problems
    const header = parseRecordHeader(stored.header)
    if (header === null || first?.code === 'record-damaged') {
      throw new HalliganError('RECORD_DAMAGED', { detail: first?.detail ?? '' })
    }
    if (first !== undefined && header.shares.length - problems.length < header.threshold) {
      throw new HalliganError('SHARE_DAMAGED', { detail: first.detail })
    }
    return { stored, hash, name, sealed: { statement, tap: { person: statement.person, key, assertion } } }
  }

  return {
    read,
    vouch: async (place) => {
      const { stored, sealed } = await read(place)
      const resealed = history.reseals.vouch(primitives, place.credential, place.version)
      return { record: toSealedRecord(stored), sealed, resealed }
    },
  }
}

/** The newest version of every credential. Public face of this folder, with seal.ts. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { checkStoredRecord, parseRecordHeader } from '../../../shared/audit/records.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { RecordHeader, SealedRecord } from '../../../shared/domain/credential.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import { readStoredRecord } from '../audit/verify-vault.ts'
import type { VaultContext } from '../context.ts'
import type { Registry } from '../people/registry.ts'
import type { History } from '../requests/history.ts'
import type { RotationFact } from './due.ts'

export type SealedEntry = Extract<Entry, { type: 'credential.sealed' }>

/** What lists show beyond the entry: from the header, which the seal's tap has signed. */
type Summary = Pick<RecordHeader, 'requesters' | 'rotationDays' | 'rotationNote'>

interface Item {
  readonly sealed: SealedEntry
  readonly summary: Summary
  readonly damage: string | null
}

/** A record that was checked against what was sealed. */
export interface LoadedRecord {
  readonly record: SealedRecord
  readonly hash: string
  /** The tap under which it was sealed. */
  readonly sealed: { readonly statement: ActStatement; readonly tap: Tap }
  /** What vouches for it when it was sealed anew to other custodians. */
  readonly resealed: VouchedRecord['resealed']
  /** The newest version, and who may ask for it; null where that cannot be read. */
  readonly newest: { readonly version: number; readonly requesters: readonly string[] | null }
}

export interface Catalogue {
  readonly list: () => Promise<CredentialView[]>
  /** The newest version's seal. @throws HalliganError CREDENTIAL_UNKNOWN */
  readonly find: (credential: string) => Promise<SealedEntry>
  /**
   * The newest version, or one that is named, checked. Damaged shares are tolerated while at least the threshold is whole: that is
   * what k of n is for; the strongroom names the damaged one if its custodian taps.
   * @throws HalliganError CREDENTIAL_UNKNOWN, with {version} when that is not there (any more); RECORD_DAMAGED {detail}, SHARE_DAMAGED {detail}
   */
  readonly load: (credential: string, version?: number) => Promise<LoadedRecord>
  /** A version that is still there, as the log has it. @throws HalliganError CREDENTIAL_UNKNOWN */
  readonly findVersion: (credential: string, version: number) => Promise<{ safe: string; name: string; record: string }>
  /** When each newest version is to be rotated; empty until the list was read once, which this begins. */
  readonly rotations: () => RotationFact[]
  /** Resolves when {@link Catalogue.rotations} names them all. @throws HalliganError STORAGE_* */
  readonly settle: () => Promise<void>
  /** Takes a version that has just become durable. */
  readonly add: (sealed: SealedEntry, summary: Summary) => void
  /** Takes over the newest seals as the verification has read them, whatever the index of the database says. */
  readonly adopt: (newest: ReadonlyMap<string, SealedEntry>) => void
  /** Checks every newest version and marks the damaged ones; for when the verification has found damage somewhere. */
  readonly markDamage: () => Promise<void>
}

const dayMs = 86_400_000
/** Older versions that a view lists. */
const olderMax = 1000

export function createCatalogue(
  context: Pick<VaultContext, 'store' | 'clock' | 'primitives'>,
  registry: Registry,
  history: Pick<History, 'isDestroyed' | 'usedAt' | 'reseals' | 'proofs'>,
  onLoaded: () => void,
): Catalogue {
  const { store, clock, primitives } = context
  let loading: Promise<Map<string, Item>> | null = null
  let verified: ReadonlyMap<string, SealedEntry> | null = null
  /** Items as they were read last. */
  let known: ReadonlyMap<string, Item> = new Map()
  /** Sealed by this process. */
  const added = new Map<string, SealedEntry>()

  async function loadNewest(): Promise<ReadonlyMap<string, SealedEntry>> {
    const newest = new Map<string, SealedEntry>()
    const rows = await store.database.all(`SELECT bytes FROM entries WHERE type = 'credential.sealed' ORDER BY seq`)
    for (const { bytes } of rows) {
      const entry = readSealed(bytes)
      if (entry !== null) keepNewest(newest, entry)
    }
    return newest
  }

  /** Whatever is wrong with one record must not keep the others from being opened. */
  async function readHeader(credential: string, version: number): Promise<RecordHeader | null> {
    const sql = 'SELECT header FROM records WHERE credential = ? AND version = ?'
    const row = await store.database.get(sql, credential, version).catch((error: unknown) => {
      // Busy for a moment is no damage and must not stay on the list as such; a page that cannot be read is this record's.
      if (asHalliganError(error).code === 'STORAGE_BUSY') throw error
      return undefined
    })
    return row?.['header'] instanceof Uint8Array ? parseRecordHeader(row['header']) : null
  }

  async function loadItems(): Promise<Map<string, Item>> {
    const newest = new Map(verified ?? (await loadNewest()))
    for (const sealed of added.values()) keepNewest(newest, sealed)
    const items = new Map<string, Item>()
    for (const [credential, sealed] of newest) {
      const header = await readHeader(credential, sealed.data.version)
      const damage = header === null ? 'the record is missing or cannot be read' : null
      items.set(credential, { sealed, summary: header ?? { requesters: [], rotationDays: 1 }, damage })
    }
    return items
  }

  function items(): Promise<Map<string, Item>> {
    if (loading !== null) return loading
    const fresh = loadItems()
    loading = fresh
    fresh.then(
      (read) => {
        known = read
        onLoaded()
      },
      // What failed is tried again by whoever asks next.
      () => {
        if (loading === fresh) loading = null
      },
    )
    return fresh
  }

  /** What there is at rest besides the newest versions; a header that cannot be read is named by the verification. */
  async function loadOlder(newest: ReadonlyMap<string, Item>): Promise<Map<string, CredentialView['olderVersions']>> {
    const older = new Map<string, CredentialView['olderVersions']>()
    const rows = await store.database.all('SELECT credential, version FROM records ORDER BY version DESC')
    for (const row of rows) {
      const { credential, version } = row as Readonly<{ credential: string; version: number }>
      const sealed = newest.get(credential)?.sealed
      if (sealed === undefined || version >= sealed.data.version) continue
      const header = await readHeader(credential, version)
      if (header === null) continue
      const list = older.get(credential) ?? []
      older.set(credential, [...list, { version, sealedAt: header.sealedAt }])
    }
    return older
  }

  async function findItem(credential: string): Promise<Item> {
    const item = (await items()).get(credential)
    if (item === undefined) throw new HalliganError('CREDENTIAL_UNKNOWN')
    return item
  }

  function rotationOf({ sealed }: Item, dueAt: number): CredentialView['rotation'] {
    const { credential, version } = sealed.data
    if ((history.reseals.find(credential, version)?.leavers.length ?? 0) > 0) return 'leaver'
    if (history.usedAt(credential, version) !== null) return 'used'
    return clock.wall() >= dueAt ? 'due' : 'fresh'
  }

  function viewItem(item: Item, older: CredentialView['olderVersions'] = []): CredentialView {
    const { data, at } = item.sealed
    const dueAt = Date.parse(at) + item.summary.rotationDays * dayMs
    return {
      id: data.credential,
      name: data.name,
      kind: data.kind,
      safe: history.reseals.find(data.credential, data.version)?.safe ?? data.safe,
      version: data.version,
      // Who has gone stays in the header that was signed for, and may ask no more.
      requesters: item.summary.requesters.filter((person) => registry.nameOf(person) !== undefined),
      rotationDays: item.summary.rotationDays,
      rotationNote: item.summary.rotationNote ?? null,
      sealedAt: at,
      sealedBy: data.statement.person,
      rotationDueAt: toTimestamp(dueAt),
      rotation: rotationOf(item, dueAt),
      olderVersions: older.slice(0, olderMax),
      provenAt: history.proofs.versionAt(data.credential, data.version),
      damage: item.damage,
    }
  }

  async function findSealed(credential: string, version: number): Promise<SealedEntry> {
    const { sealed: newest } = await findItem(credential)
    if (version === newest.data.version) return newest
    const sql = `SELECT bytes FROM entries WHERE type = 'credential.sealed' AND credential = ?`
    const rows = await store.database.all(sql, credential)
    const sealed = rows.map(({ bytes }) => readSealed(bytes)).find((entry) => entry?.data.version === version)
    const isThere = version < newest.data.version && !history.isDestroyed(credential, version)
    if (!isThere || sealed === undefined || sealed === null) throw new HalliganError('CREDENTIAL_UNKNOWN', { version })
    return sealed
  }

  async function checkSealed({ data }: SealedEntry) {
    const stored = await readStoredRecord(store.database, data.credential, data.version)
    if (stored === null)
      throw new HalliganError('RECORD_DAMAGED', { detail: `credential "${data.name}" has no record` })
    const nameOf = (person: string): string => registry.nameOf(person) ?? person
    const record = history.reseals.find(data.credential, data.version)?.record ?? data.record
    const problems = checkStoredRecord(primitives, stored, { record, name: data.name, nameOf })
    return { stored, problems, record }
  }

  return {
    list: async () => {
      const all = await items()
      const older = await loadOlder(all)
      return [...all].map(([credential, item]) => viewItem(item, older.get(credential)))
    },
    find: async (credential) => (await findItem(credential)).sealed,
    load: async (credential, version) => {
      const newest = await findItem(credential)
      const sealed = version === undefined ? newest.sealed : await findSealed(credential, version)
      const { stored, problems, record } = await checkSealed(sealed)
      const header = parseRecordHeader(stored.header)
      const [first] = problems
      if (header === null || first?.code === 'record-damaged') {
        throw new HalliganError('RECORD_DAMAGED', { detail: first?.detail ?? '' })
      }
      if (first !== undefined && header.shares.length - problems.length < header.threshold) {
        throw new HalliganError('SHARE_DAMAGED', { detail: first.detail })
      }
      const boxes = header.shares.map(({ index }) => stored.boxes.find((one) => one.index === index)?.box)
      const { statement, key, assertion } = sealed.data
      return {
        record: {
          header,
          boxes: boxes.map((box) => toBase64Url(box ?? new Uint8Array())),
          body: toBase64Url(stored.body),
        },
        hash: record,
        sealed: { statement, tap: { person: statement.person, key, assertion } },
        resealed: history.reseals.vouch(primitives, credential, sealed.data.version),
        newest: {
          version: newest.sealed.data.version,
          requesters: newest.damage === null ? newest.summary.requesters : null,
        },
      }
    },
    findVersion: async (credential, version) => {
      const sealed = await findSealed(credential, version)
      if ((await readHeader(credential, version)) === null) throw new HalliganError('CREDENTIAL_UNKNOWN', { version })
      const { name, safe, record } = sealed.data
      const reseal = history.reseals.find(credential, version)
      return { name, safe: reseal?.safe ?? safe, record: reseal?.record ?? record }
    },
    settle: async () => {
      await items()
    },
    rotations: () => {
      void items().catch(() => undefined)
      return [...known].map(([credential, { sealed, summary }]) => ({
        credential,
        name: sealed.data.name,
        sealedAt: sealed.at,
        rotationDays: summary.rotationDays,
        usedAt: history.usedAt(credential, sealed.data.version),
        leftAt: history.reseals.find(credential, sealed.data.version)?.leftAt ?? null,
      }))
    },
    add: (sealed, summary) => {
      const { credential } = sealed.data
      added.set(credential, sealed)
      void items().then(
        (listed) => listed.set(credential, { sealed, summary, damage: null }),
        () => undefined,
      )
    },
    adopt: (newest) => {
      verified = newest
      loading = null
    },
    markDamage: async () => {
      const listed = await items()
      for (const [credential, item] of listed) {
        const damage = await checkSealed(item.sealed).then(
          ({ problems }) => problems[0]?.detail ?? null,
          (error: unknown) =>
            error instanceof HalliganError ? String(error.detail['detail'] ?? error.code) : 'unreadable',
        )
        listed.set(credential, { ...item, damage })
      }
    },
  }
}

/** Puts `sealed` into `newest` unless a newer version stands there. */
export function keepNewest(newest: Map<string, SealedEntry>, sealed: SealedEntry): void {
  const { credential, version } = sealed.data
  if (version > (newest.get(credential)?.data.version ?? 0)) newest.set(credential, sealed)
}

function readSealed(bytes: unknown): SealedEntry | null {
  const entry = readEntryOrNull(bytes)
  return entry?.type === 'credential.sealed' ? entry : null
}

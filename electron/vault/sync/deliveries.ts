/** Cuts deliveries out of the log: whole entries, a bounded number and size, ending on a checkpoint wherever one is in reach. */
import { parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { logLine } from '../../../shared/audit/export.ts'
import { leafHash } from '../../../shared/audit/merkle.ts'
import { concatBytes, toBase64Url } from '../../../shared/bytes.ts'
import { deliveryLimits, type courierContract } from '../../../shared/contracts/courier.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { readEntry } from '../audit/timeline.ts'
import { signedManifestBytes } from '../audit/verify-vault.ts'
import type { Row, Statements } from '../store/driver.ts'
import type { Gate } from './gate.ts'

/** Rows read at once: what somebody else has to wait for at most. */
const pageRows = 128

export interface Delivery {
  readonly message: Omit<Input<typeof courierContract, 'deliver'>, 'sink' | 'vault' | 'station'>
  /** Entries that the sink has once it took this. */
  readonly size: number
  /** Leaf hash of the last entry, base64url. */
  readonly hash: string
  /** True when it holds anything that is not about syncing itself. */
  readonly hasNews: boolean
}

export interface DeliveryReader {
  /** The next delivery from entry `from` on, which must be there. @throws HalliganError LOG_INVALID, STORAGE_* */
  readonly read: (from: number, withManifests: boolean) => Promise<Delivery>
  /** Leaf hash of an entry, base64url; null when there is none. */
  readonly hashAt: (seq: number) => Promise<string | null>
}

const aboutSync: ReadonlySet<unknown> = new Set(['sync.acknowledged', 'sync.diverged'])

const bytesOf = (row: Row): Uint8Array => {
  const { bytes, seq } = row
  if (!(bytes instanceof Uint8Array)) throw new HalliganError('LOG_INVALID', { seq: Number(seq) })
  return bytes
}

export function createDeliveryReader(
  database: Pick<Statements, 'get' | 'all'>,
  primitives: Pick<Primitives, 'sha256'>,
  gate: Pick<Gate, 'opened'>,
): DeliveryReader {
  const hashOf = (bytes: Uint8Array): string => toBase64Url(leafHash(primitives, bytes))

  const newestCheckpoint = (from: number): Promise<Row | undefined> =>
    database.get(
      'SELECT size, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size DESC LIMIT 1',
      from,
      from + deliveryLimits.entries,
    )
  const coveringCheckpoint = (size: number): Promise<Row | undefined> =>
    database.get('SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size LIMIT 1', size)

  /** Rows from `from` to before `end`, fewer when they would be too large together; a single one may be. */
  async function readRows(from: number, end: number): Promise<Row[]> {
    const rows: Row[] = []
    let bytes = 0
    for (let next = from; next < end; next = from + rows.length) {
      await gate.opened()
      const page = await database.all(
        'SELECT seq, bytes, type FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?',
        next,
        end,
        pageRows,
      )
      for (const row of page) {
        if (row['seq'] !== from + rows.length) throw new HalliganError('LOG_INVALID', { seq: from + rows.length })
        bytes += bytesOf(row).length + 1
        if (bytes > deliveryLimits.bytes && rows.length > 0) return rows
        rows.push(row)
      }
      if (page.length === 0) throw new HalliganError('LOG_INVALID', { seq: next })
    }
    return rows
  }

  async function readManifests(rows: readonly Row[]): Promise<Delivery['message']['manifests']> {
    const manifests: Delivery['message']['manifests'] = []
    for (const row of rows) {
      if (row['type'] !== 'manifest.changed') continue
      const entry = readEntry(row['bytes'])
      if (entry.type !== 'manifest.changed') continue
      const { version } = entry.data
      const stored = await database.get('SELECT bytes, signatures FROM manifests WHERE version = ?', version)
      if (stored !== undefined) manifests.push({ version, bytes: signedManifestBytes(stored) })
    }
    return manifests
  }

  return {
    read: async (from, withManifests) => {
      await gate.opened()
      const within = await newestCheckpoint(from)
      const end = typeof within?.['size'] === 'number' ? within['size'] : from + deliveryLimits.entries
      const rows = await readRows(from, end)
      const size = from + rows.length
      const covering = within?.['size'] === size ? within : await coveringCheckpoint(size)
      const note = covering?.['note']
      const checkpoint = typeof note === 'string' ? parseCheckpoint(note) : null
      const last = rows.at(-1)
      if (typeof note !== 'string' || checkpoint === null || last === undefined) {
        throw new HalliganError('LOG_INVALID', { seq: from })
      }
      return {
        message: {
          from,
          lines: concatBytes(...rows.map((row) => logLine(bytesOf(row)))),
          checkpoint: note,
          size: checkpoint.size,
          root: toBase64Url(checkpoint.root),
          manifests: withManifests ? await readManifests(rows) : [],
        },
        size,
        hash: hashOf(bytesOf(last)),
        hasNews: rows.some(({ type }) => !aboutSync.has(type)),
      }
    },
    hashAt: async (seq) => {
      await gate.opened()
      const row = await database.get('SELECT seq, bytes FROM entries WHERE seq = ?', seq)
      return row === undefined ? null : hashOf(bytesOf(row))
    },
  }
}

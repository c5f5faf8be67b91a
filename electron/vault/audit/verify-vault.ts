/** Verifies everything at rest from genesis, in batches: manifests, every entry, every checkpoint, every record. */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import type { StoredRecord } from '../../../shared/audit/records.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Problem, VerifyReport } from '../../../shared/audit/report.ts'
import { verifyLog, type LogSource } from '../../../shared/audit/verify-log.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import type { Row, Statements } from '../store/driver.ts'
import type { Store } from '../store/store.ts'
import { createIndexCheck, indexColumns, type IndexCheck } from './index-check.ts'

/** Entries between two looks at the event loop: what the app window asks meanwhile waits for one batch at most. */
const batchSize = 100

export interface VerifyOptions {
  /** Signed notes known from outside the vault folder; null when there is none. */
  readonly knownCheckpoint: string | readonly string[] | null
  /** Told of every entry that could be read, in order, from the bytes that are verified. */
  readonly onEntry?: (entry: Entry) => void
  readonly onProgress: (done: number, total: number) => void
  /** Asked between batches: true gives up (the app closes). */
  readonly isStopped: () => boolean
}

/** What is verified: everything up to one commit, however far the log grows meanwhile. */
interface Snapshot {
  readonly size: number
  readonly manifests: readonly Uint8Array[]
  readonly notes: readonly string[]
  readonly records: readonly { readonly credential: string; readonly version: number }[]
}

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(0))
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : -1)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `{"manifest", "signatures"}` of a row: both parts are canonical, and so is this. */
export const signedManifestBytes = (row: Row): Uint8Array<ArrayBuffer> =>
  concatBytes(
    utf8('{"manifest":'),
    bytesOf(row['bytes']),
    utf8(',"signatures":'),
    bytesOf(row['signatures']),
    utf8('}'),
  )

async function takeSnapshot(statements: Statements): Promise<Snapshot> {
  const last = await statements.get('SELECT MAX(seq) AS last FROM entries')
  const size = typeof last?.['last'] === 'number' ? last['last'] + 1 : 0
  // The head's checkpoint is replaced by the next commit; this verification still needs it. (At open it is kept anyway.)
  await statements.run('UPDATE checkpoints SET kept = 1 WHERE size = ? AND kept = 0', size)
  const manifests = await statements.all('SELECT bytes, signatures FROM manifests ORDER BY version')
  const checkpoints = await statements.all('SELECT note FROM checkpoints ORDER BY size')
  const records = await statements.all('SELECT credential, version FROM records ORDER BY credential, version')
  return {
    size,
    manifests: manifests.map(signedManifestBytes),
    notes: checkpoints.map((row) => textOf(row['note'])),
    records: records.map((row) => ({ credential: textOf(row['credential']), version: numberOf(row['version']) })),
  }
}

/** A record as it is at rest, unchecked. */
export async function readStoredRecord(
  statements: Pick<Statements, 'get' | 'all'>,
  credential: string,
  version: number,
): Promise<StoredRecord | null> {
  const key = [credential, version] as const
  const row = await statements.get('SELECT header, body FROM records WHERE credential = ? AND version = ?', ...key)
  if (row === undefined) return null
  const boxes = await statements.all(
    'SELECT idx, box FROM shares WHERE credential = ? AND version = ? ORDER BY idx',
    ...key,
  )
  return {
    credential,
    version,
    header: bytesOf(row['header']),
    body: bytesOf(row['body']),
    boxes: boxes.map((share) => ({ index: numberOf(share['idx']), box: bytesOf(share['box']) })),
  }
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** Thrown through the verifier when nobody waits for its verdict any more. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Milliseconds between tries: a disk that hiccups, another reader's lock. */
const retryAfterMs = [50, 200]

/** `read`, tried again when it fails; what fails for good is told from what was busy for a moment. */
async function readPatiently<T>(read: () => Promise<T>): Promise<T> {
  for (const ms of retryAfterMs) {
    try {
      return await read()
    } catch {
      await wait(ms)
    }
  }
  return read()
}

const unreadable = new Uint8Array(0)

/**
 * The next rows after `from` and before `to`, with index columns. A page of the file that cannot be read takes its own entries with it and no others: they come as rows without
 * bytes, which the verifier names one by one.
 */
export async function readEntryRows({ database }: Store, from: number, to: number): Promise<readonly Row[]> {
  const select = `SELECT seq, bytes, ${indexColumns} FROM entries`
  try {
    return await readPatiently(() =>
      database.all(`${select} WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?`, from, to, batchSize),
    )
  } catch {
    const rows: Row[] = []
    for (let seq = from + 1; seq < to && rows.length < batchSize; seq++) {
      const row = await database.get(`${select} WHERE seq = ?`, seq).catch(() => ({ seq, bytes: unreadable }))
      if (row !== undefined) rows.push(row)
    }
    return rows
  }
}

/** As {@link readStoredRecord}; a record on a page that cannot be read comes without content, which is then named. */
async function readRecord(store: Store, credential: string, version: number): Promise<StoredRecord | null> {
  try {
    return await readPatiently(() => readStoredRecord(store.database, credential, version))
  } catch {
    return { credential, version, header: unreadable, body: unreadable, boxes: [] }
  }
}

/** The snapshot as a source. Every batch of entries gives way to whatever else waits in this process. */
function createSource(store: Store, snapshot: Snapshot, index: IndexCheck, isStopped: () => boolean): LogSource {
  const giveWay = async (): Promise<void> => {
    await nextTurn()
    if (isStopped()) throw new Stopped()
  }
  async function* entries(): AsyncGenerator<readonly Uint8Array[]> {
    let from = -1
    let place = 0
    for (;;) {
      const rows = await readEntryRows(store, from, snapshot.size)
      for (const row of rows) index.take(place++, row)
      yield rows.map((row) => bytesOf(row['bytes']))
      if (rows.length < batchSize) return
      from = numberOf(rows.at(-1)?.['seq'])
      await giveWay()
    }
  }
  async function* records(): AsyncGenerator<StoredRecord> {
    for (const { credential, version } of snapshot.records) {
      const record = await readRecord(store, credential, version)
      if (record !== null) yield record
      await giveWay()
    }
  }
  async function* checkpoints(): AsyncGenerator<readonly string[]> {
    yield snapshot.notes
    await Promise.resolve()
  }
  return { manifests: () => Promise.resolve(snapshot.manifests), entries, checkpoints, records }
}

function withProblems(report: VerifyReport, more: readonly Problem[]): VerifyReport {
  const { integrity } = report
  const problems = [...integrity.problems, ...more].slice(0, 100)
  return { ...report, integrity: { ...integrity, verdict: problems.length === 0 ? 'intact' : 'broken', problems } }
}

/**
 * Streams the vault through the shared verifier. Memory is flat but for checkpoints and manifests.
 * @returns the report; null when it was stopped
 */
export async function verifyVault(
  store: Store,
  primitives: Primitives,
  options: VerifyOptions,
): Promise<VerifyReport | null> {
  const snapshot = await store.database.transaction(takeSnapshot)
  const index = createIndexCheck()
  try {
    const report = await verifyLog(primitives, createSource(store, snapshot, index, options.isStopped), {
      knownCheckpoint: options.knownCheckpoint,
      onProgress: (done) => options.onProgress(done, snapshot.size),
      onEntry: (entry, place) => {
        index.check(entry, place)
        options.onEntry?.(entry)
      },
    })
    return withProblems(report, index.problems())
  } catch (error) {
    if (error instanceof Stopped) return null
    throw error
  }
}

/** Verifies everything at rest from genesis, in batches: manifests, every entry, every checkpoint, every record. */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import type { StoredRecord } from '../../../shared/audit/records.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { verifyLog, type LogSource } from '../../../shared/audit/verify-log.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import type { Row, Statements } from '../store/driver.ts'
import type { Store } from '../store/store.ts'

/** Entries between two looks at the event loop: what the app window asks meanwhile waits for one batch at most. */
const batchSize = 100

export interface VerifyOptions {
  /** Signed note known from outside the vault folder; null when there is none. */
  readonly knownCheckpoint: string | null
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

/** The snapshot as a source. Every batch of entries gives way to whatever else waits in this process. */
function createSource(store: Store, snapshot: Snapshot, isStopped: () => boolean): LogSource {
  const giveWay = async (): Promise<void> => {
    await nextTurn()
    if (isStopped()) throw new Stopped()
  }
  async function* entries(): AsyncGenerator<readonly Uint8Array[]> {
    let from = -1
    for (;;) {
      const rows = await store.database.all(
        'SELECT seq, bytes FROM entries WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?',
        from,
        snapshot.size,
        batchSize,
      )
      yield rows.map((row) => bytesOf(row['bytes']))
      if (rows.length < batchSize) return
      from = numberOf(rows.at(-1)?.['seq'])
      await giveWay()
    }
  }
  async function* records(): AsyncGenerator<StoredRecord> {
    for (const { credential, version } of snapshot.records) {
      const record = await readStoredRecord(store.database, credential, version)
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
  try {
    return await verifyLog(primitives, createSource(store, snapshot, options.isStopped), {
      knownCheckpoint: options.knownCheckpoint,
      onProgress: (done) => options.onProgress(done, snapshot.size),
    })
  } catch (error) {
    if (error instanceof Stopped) return null
    throw error
  }
}

/** Chained entries of the usual shape and size for what carries them; nobody signed them, and no sink looks. */
import canonicalize from 'canonicalize'
import { createHash, randomBytes } from 'node:crypto'
import type { LogName, SinkBatch, SinkEntry } from '../../../electron/courier/sink.ts'

export interface FakeLog {
  readonly name: LogName
  readonly entries: readonly SinkEntry[]
  /** Entries `from` to `to` (exclusive) as a batch. */
  readonly batch: (from: number, to: number) => SinkBatch
}

const leafHash = (bytes: Uint8Array): Buffer => createHash('sha256').update(Buffer.of(0)).update(bytes).digest()
const newId = (): string => randomBytes(16).toString('base64url')

/** A log of a new vault; of a station of its own unless that of `station`. */
export const newLogName = (station = newId()): LogName => ({ vault: newId(), station })

/** `count` entries; `shared`: those of another log that come first, so that both are the same up to there (a fork). */
export function makeFakeLog(count: number, shared: readonly SinkEntry[] = [], name?: LogName): FakeLog {
  const log = name ?? newLogName()
  const entries = [...shared]
  const [boot, mark] = [newId(), newId()]
  let prev = entries.at(-1)?.hash ?? Buffer.alloc(32).toString('base64url')
  while (entries.length < count) {
    const seq = entries.length
    const entry = {
      seq,
      at: new Date(Date.UTC(2026, 10, 23) + seq * 1000).toISOString(),
      monotonic: seq * 1000,
      boot,
      station: log.station,
      actor: { kind: 'person', id: mark, name: 'Rita Réquest 🔑', proven: true },
      type: 'field.shown',
      data: { request: mark, credential: mark, field: seq % 7, label: 'Root "password" \\ ]' },
      prev,
    }
    const bytes = Buffer.from(canonicalize(entry) ?? '', 'utf8')
    prev = leafHash(bytes).toString('base64url')
    entries.push({ seq, bytes, hash: prev })
  }
  return {
    name: log,
    entries,
    batch: (from, to) => {
      // A stand-in for the Merkle root: as unlike for two sizes or two logs as that.
      const root = createHash('sha256')
        .update(`${to} ${entries[to - 1]?.hash ?? ''}`)
        .digest()
      const origin = `halligan.localhost/log/${log.vault}/${log.station}`
      const checkpoint = `${origin}\n${to}\n${root.toString('base64')}\n\n— test AAAAAA==\n`
      return {
        ...log,
        entries: entries.slice(from, to),
        checkpoint,
        size: to,
        root: root.toString('base64url'),
        manifests: [],
      }
    },
  }
}

/** The PostgreSQL sink: one call of `append` per batch, which adds all of it or nothing (docs/sinks/postgresql.sql). */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import { describeHead, type LogName, type Sink, type SinkBatch, type SinkHead } from '../sink.ts'
import { usualTimings, type SinkTimings } from '../tls/timings.ts'
import { connect, type Connection } from './connection.ts'

interface HeadRow {
  /** bigint arrives as text. */
  readonly size: string
  readonly last_hash: Buffer | null
}

const readHead = ({ size, last_hash: hash }: HeadRow): SinkHead => ({
  size: Number(size),
  lastHash: hash === null ? null : toBase64Url(hash),
})

/** A `SinkFactory` for `postgresql`. */
export function createPostgresqlSink(
  settings: SinkOf<'postgresql'>,
  secret: SinkSecret,
  timings: SinkTimings = usualTimings,
): Sink {
  // The settings' schema is a plain name by its own pattern; quoted, it is one even if that should ever change.
  const schema = `"${settings.schema.replaceAll('"', '""')}"`
  const peer = { host: settings.host, port: settings.port }
  let connection: Connection | null = null
  let isClosed = false

  const ask = async (text: string, values: readonly unknown[]): Promise<HeadRow> => {
    if (isClosed) throw new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed' })
    if (connection?.isUsable() !== true) connection = connect(settings, secret, timings)
    const [row] = await connection.ask<HeadRow & Record<string, unknown>>(text, values)
    if (row === undefined) throw new HalliganError('SINK_FAILED', { ...peer, reason: 'no-answer' })
    return row
  }

  return {
    head: async ({ vault, station }: LogName): Promise<SinkHead> => {
      const row = await ask(`SELECT size, last_hash FROM ${schema}.head($1, $2)`, [vault, station])
      return readHead(row)
    },
    deliver: async (batch: SinkBatch): Promise<void> => {
      const { vault, station, entries, size, root, checkpoint } = batch
      const [first] = entries
      if (first === undefined) return
      // One value of bytes, sent as they are: an array of them would be escaped, hexed and parsed again.
      const row = await ask(`SELECT size, last_hash FROM ${schema}.append($1, $2, $3, $4, $5, $6, $7, $8)`, [
        vault,
        station,
        first.seq,
        `{${entries.map(({ bytes }) => bytes.length).join(',')}}`,
        Buffer.concat(entries.map(({ bytes }) => bytes)),
        size,
        Buffer.from(fromBase64Url(root)),
        checkpoint,
      ])
      // What it says it holds must be what we gave it, or it is not what it claims to be.
      const head = readHead(row)
      const end = first.seq + entries.length
      if (head.size < end) throw new HalliganError('SINK_FAILED', { ...peer, reason: 'size' })
      if (head.size === end && head.lastHash !== entries.at(-1)?.hash) {
        throw new HalliganError('SINK_DIVERGED', { ...peer, ...describeHead(head) })
      }
    },
    close: () => {
      isClosed = true
      connection?.end()
      connection = null
      return Promise.resolve()
    },
  }
}

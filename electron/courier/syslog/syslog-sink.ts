/**
 * The syslog sink. The protocol has no acknowledgement (RFC 5425 section 4.4: it closes, and that is all), so what can be
 * had is made of its closing: see {@link createSyslogSink}.
 */
import { concatBytes } from '../../../shared/bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import type { Sink, SinkBatch } from '../sink.ts'
import { describeConnectionFailure, type Peer } from '../tls/failures.ts'
import { makeTlsOptions, type TlsOptions } from '../tls/options.ts'
import { openPassage, type Passage } from '../tls/passage.ts'
import { settleLine } from '../tls/settle.ts'
import { usualTimings, type SinkTimings } from '../tls/timings.ts'
import { frameCheckpoint, frameEntry } from './message.ts'

export interface SyslogTimings extends SinkTimings {
  /** How long a receiver must keep the line before the first batch: one that refuses us may do so only after the handshake. */
  readonly settleMs: number
  /** How long it must keep the line after a batch, before we end it. */
  readonly quietMs: number
}

const syslogTimings: SyslogTimings = { ...usualTimings, settleMs: 1000, quietMs: 250 }

/**
 * A `SinkFactory` for `syslog`. A batch counts as delivered when
 * 1. all of it went through one connection, and the receiver kept that for a while after the last byte: who dies in the
 *    middle, or has a balancer before it that does the closing, ends it then;
 * 2. we ended it with close_notify, and the receiver ended it after that: its process has read to the end, or its system would
 *    have reset the connection; and
 * 3. a new connection can be opened: a receiver that died with the batch in its memory would not take one.
 * Otherwise the whole batch is sent again: at least once, and receivers fold by `hash`. What a receiver loses after it has
 * read it is beyond this protocol (docs/sinks/syslog.md).
 */
export function createSyslogSink(
  settings: SinkOf<'syslog'>,
  secret: SinkSecret,
  timings: SyslogTimings = syslogTimings,
): Sink {
  const peer: Peer = { host: settings.host, port: settings.port }
  const open = new Set<Passage>()
  let options: TlsOptions | null = null
  let isClosed = false
  let isSettled = false
  const closed = (): HalliganError => new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed' })

  function openLine(): Passage {
    if (isClosed) throw closed()
    options ??= makeTlsOptions(settings, secret, peer)
    const line = openPassage(peer, options, timings)
    open.add(line)
    void line.over.then(() => open.delete(line))
    return line
  }

  /** Opens a passage, does `work` on it and ends it in order. */
  async function pass(work: (line: Passage) => Promise<void>): Promise<void> {
    const line = openLine()
    try {
      await line.opened
      await work(line)
      await line.end()
    } catch (error) {
      isSettled = false
      throw describeConnectionFailure(error, peer)
    }
  }

  async function settle(): Promise<void> {
    if (isSettled) return
    await settleLine(openLine, peer, timings.settleMs, ({ end }) => end())
    isSettled = true
  }

  return {
    head: () => Promise.resolve(null),
    deliver: async (batch: SinkBatch) => {
      const { facility } = settings
      const frames = batch.entries.map((entry) => frameEntry(batch, entry, facility))
      const bytes = concatBytes(...frames, frameCheckpoint(batch, facility))
      await settle()
      await pass(async ({ send, hold }) => {
        await send(bytes)
        await hold(timings.quietMs)
      })
      await pass(() => Promise.resolve())
    },
    close: () => {
      isClosed = true
      for (const line of open) line.cut(closed())
      return Promise.resolve()
    },
  }
}

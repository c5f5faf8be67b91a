/**
 * Sending frames to a syslog receiver. The protocol has no acknowledgement (RFC 5425 section 4.4: it closes, and that is all), so
 * what can be had is made of its closing: see {@link createSyslogLine}.
 */
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkSecret } from '../../../shared/domain/sink.ts'
import { describeConnectionFailure, type Peer } from '../tls/failures.ts'
import { makeTlsOptions, type TlsOptions, type TlsSettings } from '../tls/options.ts'
import { openPassage, type Passage } from '../tls/passage.ts'
import { settleLine } from '../tls/settle.ts'
import { usualTimings, type SinkTimings } from '../tls/timings.ts'

export interface SyslogTimings extends SinkTimings {
  /**
   * How long a receiver must keep the line before the first frames: one that refuses us may do so only after the handshake. 0:
   * that is not waited for, and a refusal looks like a broken line.
   */
  readonly settleMs: number
  /** How long it must keep the line after the frames, before we end it. */
  readonly quietMs: number
}

export const syslogTimings: SyslogTimings = { ...usualTimings, settleMs: 1000, quietMs: 250 }

export interface SyslogLine {
  /** @throws HalliganError SINK_UNREACHABLE, SINK_CERTIFICATE, SINK_LOGIN, SINK_FAILED */
  readonly deliver: (frames: Uint8Array) => Promise<void>
  /** What is under way rejects with SINK_UNREACHABLE. */
  readonly close: () => void
}

/**
 * Frames count as delivered when
 * 1. all of them went through one connection, and the receiver kept that for a while after the last byte: who dies in the
 *    middle, or has a balancer before it that does the closing, ends it then;
 * 2. we ended it with close_notify, and the receiver ended it after that: its process has read to the end, or its system would
 *    have reset the connection; and
 * 3. a new connection can be opened: a receiver that died with the frames in its memory would not take one.
 * Otherwise all are to be sent again: at least once. What a receiver loses after it has read it is beyond this protocol
 * (docs/sinks/syslog.md).
 */
export function createSyslogLine(
  settings: Peer & TlsSettings,
  secret: SinkSecret,
  timings: SyslogTimings = syslogTimings,
): SyslogLine {
  const peer: Peer = { host: settings.host, port: settings.port }
  const open = new Set<Passage>()
  let options: TlsOptions | null = null
  let isClosed = false
  let isSettled = timings.settleMs === 0
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
      isSettled = timings.settleMs === 0
      throw describeConnectionFailure(error, peer)
    }
  }

  async function settle(): Promise<void> {
    if (isSettled) return
    await settleLine(openLine, peer, timings.settleMs, ({ end }) => end())
    isSettled = true
  }

  return {
    deliver: async (frames) => {
      await settle()
      await pass(async ({ send, hold }) => {
        await send(frames)
        await hold(timings.quietMs)
      })
      await pass(() => Promise.resolve())
    },
    close: () => {
      isClosed = true
      for (const line of open) line.cut(closed())
    },
  }
}

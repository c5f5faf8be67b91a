/**
 * The syslog sink. The protocol has no acknowledgement (RFC 5425 section 4.4: it closes, and that is all), so what can be
 * had is made of its closing: see {@link createSyslogSink}.
 */
import tls from 'node:tls'
import { concatBytes } from '../../../shared/bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import type { Sink, SinkBatch } from '../sink.ts'
import { describeConnectionFailure, type Peer } from '../tls/failures.ts'
import { makeTlsOptions, serverNameOf, type TlsOptions } from '../tls/options.ts'
import { usualTimings, type SinkTimings } from '../tls/timings.ts'
import { frameCheckpoint, frameEntry } from './message.ts'

export interface SyslogTimings extends SinkTimings {
  /** How long a receiver is watched before the first batch: one that refuses us may do so only after the handshake. */
  readonly settleMs: number
}

const syslogTimings: SyslogTimings = { ...usualTimings, settleMs: 1000 }

/** One connection that is used once, from its start to its end. */
interface Passage {
  /** Resolves after the handshake, once the receiver's certificate has been checked. */
  readonly opened: Promise<void>
  /** Resolves when both sides have ended it in order: nothing broke, and the receiver did not end before us. */
  readonly ended: Promise<void>
  readonly end: (bytes: Uint8Array) => void
  readonly cut: (error: HalliganError) => void
}

function openPassage(peer: Peer, options: TlsOptions, timings: SinkTimings): Passage {
  const socket = tls.connect({ ...peer, ...serverNameOf(peer.host), ...options })
  const late = (): HalliganError => new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'no-answer' })
  let timer = setTimeout(() => socket.destroy(late()), timings.connectMs)
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.once('error', reject).once('close', () => reject(new Error('closed')))
  })
  const ended = new Promise<void>((resolve, reject) => {
    // Node calls it the end whether the receiver closed TLS or only TCP; some receivers never do the former.
    socket.once('end', () => {
      if (!socket.writableFinished)
        socket.destroy(new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed-early' }))
    })
    socket.once('error', reject)
    socket.once('close', (hadError) => {
      clearTimeout(timer)
      // Finished: all of it and close_notify were handed to the network. Ended: the receiver closed after that.
      if (!hadError && socket.writableFinished && socket.readableEnded) resolve()
      else reject(new Error('closed'))
    })
  })
  // Both are looked at in turn, and may fail before it is theirs.
  opened.catch(() => undefined)
  ended.catch(() => undefined)
  socket.resume()
  return {
    opened,
    ended,
    end: (bytes) => {
      timer = setTimeout(() => socket.destroy(late()), timings.answerMs)
      socket.end(bytes)
    },
    cut: (error) => {
      socket.destroy(error)
    },
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** How often in a row a receiver has to hang up on us for it to be no accident of the network. */
const refusals = 2
const nothing = new Uint8Array()

/**
 * A `SinkFactory` for `syslog`. A batch counts as delivered when
 * 1. all of it went through one connection, which we ended with close_notify,
 * 2. the receiver ended it after that: its process has read to the end, or its system would have reset the connection, and
 * 3. a new connection can be opened: a receiver (or a balancer's server behind) that died with the batch would not take one.
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
  let isClosed = false
  let isSettled = false

  async function pass(work: (passage: Passage) => Promise<void> | void): Promise<void> {
    if (isClosed) throw new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed' })
    const passage = openPassage(peer, makeTlsOptions(settings, secret, peer), timings)
    open.add(passage)
    try {
      await passage.opened
      await work(passage)
      await passage.ended
    } catch (error) {
      isSettled = false
      throw describeConnectionFailure(error, peer)
    } finally {
      open.delete(passage)
    }
  }

  /**
   * Some receivers let the handshake pass and hang up when they have looked at our certificate, or missed it. What was sent
   * meanwhile would be lost without a word, so nothing is until one of them has kept the line for a while.
   * @throws HalliganError SINK_LOGIN when it hangs up each time; as {@link pass} otherwise
   */
  async function settle(): Promise<void> {
    for (let refused = 0; !isSettled;) {
      const line = { isHeld: false }
      try {
        await pass(async ({ end, ended }) => {
          line.isHeld = true
          await Promise.race([delay(timings.settleMs), ended])
          line.isHeld = false
          end(nothing)
        })
        isSettled = true
      } catch (error) {
        if (!line.isHeld || isClosed) throw error
        refused++
        if (refused === refusals) throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'hung-up' }, error)
      }
    }
  }

  return {
    head: () => Promise.resolve(null),
    deliver: async (batch: SinkBatch) => {
      const { facility } = settings
      const frames = batch.entries.map((entry) => frameEntry(batch, entry, facility))
      const bytes = concatBytes(...frames, frameCheckpoint(batch, facility))
      await settle()
      await pass(({ end }) => end(bytes))
      await pass(({ end }) => end(nothing))
    },
    close: () => {
      isClosed = true
      for (const passage of open) passage.cut(new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed' }))
      return Promise.resolve()
    },
  }
}

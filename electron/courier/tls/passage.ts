/** One TLS connection that is used once, from its start to its end in order. */
import tls from 'node:tls'
import { HalliganError } from '../../../shared/errors.ts'
import type { Peer } from './failures.ts'
import { serverNameOf, type TlsOptions } from './options.ts'
import type { SinkTimings } from './timings.ts'

export interface Passage {
  /** Resolves after the handshake, once the receiver's certificate has been checked. */
  readonly opened: Promise<void>
  /** Resolves when the network has taken `bytes`; that is no word of the receiver. */
  readonly send: (bytes: Uint8Array) => Promise<void>
  /** Resolves after `ms`; rejects as soon as the receiver ends or breaks the connection: it is ours to end. */
  readonly hold: (ms: number) => Promise<void>
  /** Ends it with close_notify; resolves when the receiver has ended it after that. */
  readonly end: () => Promise<void>
  /** Resolves when it is over, one way or the other. */
  readonly over: Promise<void>
  /** What is under way rejects with `error`. */
  readonly cut: (error: HalliganError) => void
}

/** Opens one to `peer`; nothing has to be awaited for it to be safe to {@link Passage.cut}. */
export function openPassage(peer: Peer, options: TlsOptions, timings: SinkTimings): Passage {
  const socket = tls.connect({ ...peer, ...serverNameOf(peer.host), ...options })
  const fail = (reason: string): HalliganError => new HalliganError('SINK_UNREACHABLE', { ...peer, reason })
  let timer = setTimeout(() => socket.destroy(fail('no-connection')), timings.connectMs)
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(fail('no-answer')), timings.answerMs)
      resolve()
    })
    socket.once('error', reject).once('close', () => reject(fail('closed')))
  })
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('end', () => {
      // Node calls it the end whether the receiver closed TLS or only TCP, and some receivers never do the former: it is
      // the order of the two ends that counts.
      if (!socket.writableFinished) socket.destroy(fail('closed-early'))
    })
    socket.once('error', reject)
    socket.once('close', (hadError) => {
      clearTimeout(timer)
      if (!hadError && socket.writableFinished && socket.readableEnded) resolve()
      else reject(fail('closed'))
    })
  })
  // Both may fail before anybody looks at them.
  opened.catch(() => undefined)
  ended.catch(() => undefined)
  // What a receiver says is nothing to us; its end would not be heard behind it.
  socket.resume()
  return {
    opened,
    send: (bytes) =>
      new Promise((resolve, reject) => {
        ended.catch(reject)
        socket.write(bytes, (error) => {
          if (error === null || error === undefined) resolve()
        })
      }),
    hold: (ms) =>
      new Promise((resolve, reject) => {
        const held = setTimeout(resolve, ms)
        ended.catch((error: unknown) => {
          clearTimeout(held)
          reject(error instanceof Error ? error : fail('closed'))
        })
      }),
    end: () => {
      socket.end()
      return ended
    },
    over: new Promise((resolve) => socket.once('close', () => resolve())),
    cut: (error) => {
      socket.destroy(error)
    },
  }
}

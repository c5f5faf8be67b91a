/**
 * What an alert channel is to the courier. One implementation per kind; each connects when it is used and says in the codes
 * below what is wrong. `detail` holds names and numbers (host, port, status), never a secret and never what the other side wrote.
 *
 * - CHANNEL_UNREACHABLE: no connection, it broke, or nothing came back in time.
 * - CHANNEL_CERTIFICATE: the server's certificate is not one that the settings trust.
 * - CHANNEL_LOGIN: token, password or address refused, or one is needed and not set.
 * - CHANNEL_BUSY: it asks to be asked later. `retryAfterMs` where it says when.
 * - CHANNEL_REFUSED: it will not take this one, however often it is sent.
 * - CHANNEL_FAILED: anything else.
 */
import type { AlertMessage, ChannelKind, ChannelOf, ChannelSecret } from '../../../shared/domain/alert.ts'
import type { SinkTimings } from '../tls/timings.ts'

export interface Channel {
  /**
   * Resolves when the receiver has taken it, with what it gave as proof; null where its kind gives none. A message that is sent
   * again bears the same key, by which the receiver can fold it.
   */
  readonly send: (message: AlertMessage) => Promise<string | null>
  /** What is under way rejects with CHANNEL_UNREACHABLE. May be called twice. */
  readonly close: () => void
}

/** Makes a channel; connects nothing yet. */
export type ChannelFactory<K extends ChannelKind> = (
  settings: ChannelOf<K>,
  secret: ChannelSecret,
  timings?: SinkTimings,
) => Channel

/** An alert must end within half a minute, whatever the other side does. */
export const alertTimings: SinkTimings = { connectMs: 8_000, answerMs: 20_000 }

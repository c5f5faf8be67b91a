/**
 * What a sink is to the courier. One implementation per kind, in its own folder; each connects when it is first used and
 * says in the codes below what is wrong. `detail` of a failure holds names and numbers (host, port, status), never a secret
 * and never what the other side wrote. `retryAfterMs` in it: how long the other side asks to be left alone.
 *
 * - SINK_UNREACHABLE: no connection, it broke, or nothing came back in time. Tried again by itself.
 * - SINK_CERTIFICATE: the server's certificate is not one that the settings trust.
 * - SINK_LOGIN: password, token or client certificate refused, or one is needed and not set.
 * - SINK_SCHEMA_MISSING: the server is there, what should take the entries (table, function, path) is not.
 * - SINK_FULL: no space or quota left.
 * - SINK_DIVERGED: it holds another entry at a place that we fill, or not those before it. `size` and `lastHash`
 *   ({@link describeHead}) where it said what it holds: if that is a beginning of our log, we go on from there. Else never tried
 *   again by itself.
 * - SINK_FAILED: anything else.
 */
import type { SinkKind, SinkOf, SinkSecret } from '../../shared/domain/sink.ts'

/** Two stations, or two vaults, may feed one sink: everything in it is keyed by this. Ids. */
export interface LogName {
  readonly vault: string
  readonly station: string
}

export interface SinkEntry {
  readonly seq: number
  /** The exact bytes that were hashed: one line of canonical JSON without a newline. */
  readonly bytes: Uint8Array
  /** Leaf hash, SHA-256(0x00 ‖ bytes), base64url. */
  readonly hash: string
}

/** Entries that follow each other without a gap; at least one. */
export interface SinkBatch extends LogName {
  readonly entries: readonly SinkEntry[]
  /** A signed note that covers at least the last entry; it may cover more, when the log is ahead of this batch. */
  readonly checkpoint: string
  /** Of that note: how many entries it covers, and their RFC 6962 root, base64url. */
  readonly size: number
  readonly root: string
  /** Signed manifests that entries of this batch bring into force, canonical bytes; for sinks that keep a whole export. */
  readonly manifests: readonly { readonly version: number; readonly bytes: Uint8Array }[]
}

/** How many entries of a log a sink holds (always the first ones), and the leaf hash of the newest, base64url; null of none. */
export interface SinkHead {
  readonly size: number
  readonly lastHash: string | null
}

/** A head among the details of a refusal, as the vault process reads it: no hash is an empty one. */
export const describeHead = ({ size, lastHash }: SinkHead): { size: number; lastHash: string } => ({
  size,
  lastHash: lastHash ?? '',
})

export interface Sink {
  /** Null when this kind of sink cannot answer (it only listens). */
  readonly head: (log: LogName) => Promise<SinkHead | null>
  /**
   * Resolves only when the sink has the batch durably. What it has already (same log, seq and leaf hash) is no error and is
   * not kept twice, where the kind can tell; order is kept. Called for one batch at a time.
   */
  readonly deliver: (batch: SinkBatch) => Promise<void>
  /** Ends connections; what is under way rejects with SINK_UNREACHABLE. May be called twice. Resolves when all is released. */
  readonly close: () => Promise<void>
}

/** Makes a sink; connects nothing yet. */
export type SinkFactory<K extends SinkKind> = (settings: SinkOf<K>, secret: SinkSecret) => Sink

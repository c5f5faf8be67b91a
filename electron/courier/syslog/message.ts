/** One entry as one RFC 5424 message in an RFC 5425 frame. */
import { concatBytes, toBase64, utf8 } from '../../../shared/bytes.ts'
import { readEntryHeader } from '../entry-header.ts'
import type { LogName, SinkBatch, SinkEntry } from '../sink.ts'

/**
 * Structured data needs a name under somebody's enterprise number (RFC 5424 section 6.3.2). We have none; 32473 is the one
 * that RFC 5612 keeps for examples, so that no vendor will ever mean something else by it (docs/sinks/syslog.md).
 */
export const structuredDataId = 'halligan@32473'
/** "Normal but significant": an audit entry is never debugging, and which are worth an alarm is the receiver's rule. */
const severity = 5

/** Octet counting (RFC 5425 section 4.3): a newline in a message can never end it. */
export const frame = (header: string, body: Uint8Array): Uint8Array => {
  const start = utf8(header)
  return concatBytes(utf8(`${start.length + body.length} `), start, body)
}

/** Names and numbers only; ids and hashes are base64url: nothing of it needs escaping in structured data. */
const makeHeader = (log: LogName, facility: number, at: string, type: string, parameters: string): string =>
  `<${facility * 8 + severity}>1 ${at} ${log.station} halligan - ${type} ` +
  `[${structuredDataId} vault="${log.vault}" station="${log.station}" ${parameters}]`

/**
 * The frame of one entry: MSG is its exact bytes. Without a byte order mark (MSG-ANY, RFC 5424 section 6.4): with one the
 * bytes would not be those that were hashed.
 */
export function frameEntry(log: LogName, { seq, bytes, hash }: SinkEntry, facility: number): Uint8Array {
  // NILVALUE (RFC 5424 section 6) where there is nothing to say.
  const { at, type } = readEntryHeader(bytes) ?? { at: '-', type: '-' }
  return frame(`${makeHeader(log, facility, at, type, `seq="${seq}" hash="${hash}"`)} `, bytes)
}

/** The frame of a batch's checkpoint: MSGID `checkpoint`, no MSG; the note in base64, for it has lines. */
export function frameCheckpoint(batch: SinkBatch, facility: number): Uint8Array {
  const note = toBase64(utf8(batch.checkpoint))
  const parameters = `size="${batch.size}" root="${batch.root}" note="${note}"`
  return frame(makeHeader(batch, facility, '-', 'checkpoint', parameters), new Uint8Array())
}

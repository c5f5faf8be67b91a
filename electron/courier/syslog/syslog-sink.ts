/** The syslog sink: each entry a message, the checkpoint the last of them. Receivers fold by `hash`. */
import { concatBytes } from '../../../shared/bytes.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import type { Sink, SinkBatch } from '../sink.ts'
import { createSyslogLine, syslogTimings, type SyslogTimings } from './line.ts'
import { frameCheckpoint, frameEntry } from './message.ts'

/** A `SinkFactory` for `syslog`; what counts as delivered: {@link createSyslogLine}. */
export function createSyslogSink(
  settings: SinkOf<'syslog'>,
  secret: SinkSecret,
  timings: SyslogTimings = syslogTimings,
): Sink {
  const line = createSyslogLine(settings, secret, timings)
  return {
    head: () => Promise.resolve(null),
    deliver: (batch: SinkBatch) => {
      const { facility } = settings
      const frames = batch.entries.map((entry) => frameEntry(batch, entry, facility))
      return line.deliver(concatBytes(...frames, frameCheckpoint(batch, facility)))
    },
    close: () => {
      line.close()
      return Promise.resolve()
    },
  }
}

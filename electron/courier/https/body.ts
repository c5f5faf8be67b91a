/** Batches as JSON: CloudEvents 1.0 (JSON batch format), or the events of a Splunk HTTP Event Collector (docs/sinks/https.md). */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import { readEntryHeader } from '../entry-header.ts'
import type { LogName, SinkBatch, SinkEntry } from '../sink.ts'

/** The same name that the log's checkpoints bear. It is a name: nobody asks it. */
export const sourceOf = ({ vault, station }: LogName): string => `https://halligan.localhost/log/${vault}/${station}`

/**
 * `head`, a member `name` whose value is `json` byte for byte, and the end of the object: an entry is never read and written
 * again on its way, so that a receiver that keeps the text keeps what was hashed.
 */
function spliceMember(head: Readonly<Record<string, unknown>>, name: string, json: Uint8Array): Uint8Array {
  return concatBytes(utf8(`${JSON.stringify(head).slice(0, -1)},${JSON.stringify(name)}:`), json, utf8('}'))
}

function toCloudEvent(log: LogName, { seq, bytes, hash }: SinkEntry): Uint8Array {
  const header = readEntryHeader(bytes)
  const attributes = {
    specversion: '1.0',
    id: hash,
    source: sourceOf(log),
    type: `halligan.${header?.type ?? 'entry'}`,
    subject: String(seq),
    ...(header === null ? {} : { time: header.at }),
    datacontenttype: 'application/json',
  }
  return spliceMember(attributes, 'data', bytes)
}

function joinWith(parts: readonly Uint8Array[], separator: string, before: string, after: string): Uint8Array {
  const comma = utf8(separator)
  return concatBytes(
    utf8(before),
    ...parts.flatMap((part, index) => (index === 0 ? [part] : [comma, part])),
    utf8(after),
  )
}

/** `application/cloudevents-batch+json`: the entries in order, then the checkpoint. */
export function makeCloudEvents(batch: SinkBatch): Uint8Array {
  const checkpoint = {
    specversion: '1.0',
    id: `checkpoint/${batch.size}/${batch.root}`,
    source: sourceOf(batch),
    type: 'halligan.checkpoint',
    subject: String(batch.size),
    datacontenttype: 'text/plain',
    data: batch.checkpoint,
  }
  const events = [...batch.entries.map((entry) => toCloudEvent(batch, entry)), utf8(JSON.stringify(checkpoint))]
  return joinWith(events, ',', '[', ']')
}

/** Event after event, as the collector's `/services/collector/event` takes them; `time` in seconds. */
export function makeSplunkEvents(batch: SinkBatch): Uint8Array {
  const { vault, station, size, root } = batch
  const common = { host: station, source: sourceOf(batch) }
  const events = batch.entries.map(({ seq, bytes, hash }) => {
    const header = readEntryHeader(bytes)
    const time = header === null ? {} : { time: Date.parse(header.at) / 1000 }
    const fields = { vault, station, seq, hash }
    return spliceMember({ ...time, ...common, sourcetype: 'halligan:entry', fields }, 'event', bytes)
  })
  const checkpoint = {
    ...common,
    sourcetype: 'halligan:checkpoint',
    fields: { vault, station, size, root },
    event: batch.checkpoint,
  }
  return joinWith([...events, utf8(JSON.stringify(checkpoint))], '\n', '', '\n')
}

/** Alerts to a syslog receiver over TLS: one RFC 5424 message each, readable as it is and by its structured data. */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import type { AlertMessage, Severity } from '../../../shared/domain/alert.ts'
import { createSyslogLine } from '../syslog/line.ts'
import { frame, structuredDataId } from '../syslog/message.ts'
import { alertTimings, type Channel, type ChannelFactory } from './channel.ts'
import { asChannelFailure } from './failures.ts'
import { cutText, fitInto, makeLine } from './text.ts'

/** RFC 5424 section 6.2.1: critical, error, warning, informational. */
const severities: Readonly<Record<Severity, number>> = { critical: 2, error: 3, warning: 4, info: 6 }

/** What receivers take whole as they are installed (rsyslog: 8 KiB). */
const messageMax = 8000

/** The structured data's name; beside that of entries, so that a rule can tell them apart. */
const alertDataId = structuredDataId.replace('halligan', 'halligan-alert')

/** RFC 5424 section 6.3.3: `"`, `\` and `]` are escaped, and nothing else. */
const parameter = (name: string, value: string | number | boolean): string =>
  ` ${name}="${makeLine(String(value)).replaceAll(/["\\\]]/g, String.raw`\$&`)}"`

/** PRINTUSASCII (section 6), or NILVALUE. */
const makeName = (text: string): string => text.replaceAll(/[^\x21-\x7e]+/g, '-').slice(0, 255) || '-'

/** RFC 3339 as section 6.2.3 restricts it, or NILVALUE. */
const makeTimestamp = (at: string): string => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(at) ? at : '-')

/** A value in quotes: what somebody wrote can not pass for the next value. */
const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** One message in an RFC 5425 frame. MSG is UTF-8 with its byte order mark (section 6.4). */
function frameAlert(message: AlertMessage, facility: number): Uint8Array {
  const { title, lines, vault, station, at, late, seq, key, group, event, severity, action } = message
  const data =
    parameter('key', key) +
    parameter('group', group) +
    parameter('event', event) +
    parameter('severity', severity) +
    parameter('action', action) +
    parameter('vault', vault) +
    parameter('station', station) +
    parameter('entry', seq) +
    parameter('late', late)
  const start = `<${facility * 8 + severities[severity]}>1 ${makeTimestamp(at)} ${makeName(station)} halligan - alert `
  const header = `${start}[${alertDataId}${data}] `
  const body = fitInto(messageMax - utf8(header).length - 3, (max) =>
    [
      cutText(makeLine(title), max),
      ...lines.map(({ label, value }) => `${makeLine(label)}: ${quote(cutText(makeLine(value), max))}`),
    ].join('; '),
  )
  return frame(header, concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), body))
}

/** No receipt: the protocol has none. An alert that is sent again bears the same `key`. */
export const createSyslogChannel: ChannelFactory<'syslog'> = (settings, _secret, timings = alertTimings): Channel => {
  // No client certificate is ever shown, so there is no refusal to wait for: an alert is not to lose a second on it.
  const line = createSyslogLine(settings, {}, { ...timings, settleMs: 0, quietMs: 250 })
  return {
    send: async (message) => {
      try {
        await line.deliver(frameAlert(message, settings.facility))
        return null
      } catch (error) {
        throw asChannelFailure(error)
      }
    },
    close: line.close,
  }
}

/**
 * Which entries somebody is alerted of, how grave each is, what it belongs to, and over which channels it goes. Pure: the same
 * entry and the same manifest always give the same, so that what waits can be made anew after a restart.
 */
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'
import type { AlertEvent, AlertMessage, AlertSettings, Severity } from '../../../shared/domain/alert.ts'
import type { ErrorCode } from '../../../shared/errors.ts'

export interface AlertAbout {
  readonly event: AlertEvent
  readonly severity: Severity
  readonly action: AlertMessage['action']
  /** What belongs together at a receiver; null: only itself. */
  readonly group: string | null
  /** Null: it concerns no safe. */
  readonly safe: string | null
  /**
   * As grave as this for the routes. More than `severity` where whoever heard of the beginning must hear of the end, and where
   * every channel must prove itself.
   */
  readonly reach: Severity
  /** For this channel alone, whatever the routes say. */
  readonly only: string | null
}

/** Which safe a request asks for; undefined when it is not known. */
export type SafeOfRequest = (request: string) => string | undefined

type Of<T extends EntryType> = Extract<Entry, { type: T }>
type Judges = { readonly [T in EntryType]: ((entry: Of<T>, safeOf: SafeOfRequest) => AlertAbout | null) | null }

const about = (event: AlertEvent, severity: Severity, more: Partial<AlertAbout> = {}): AlertAbout => ({
  event,
  severity,
  action: 'trigger',
  group: null,
  safe: null,
  reach: severity,
  only: null,
  ...more,
})

/** Ends the group's incident: whoever heard of it hears of its end. */
const end = { action: 'resolve', reach: 'critical' } as const

/** A tap that did not come is no attempt at anything. */
const harmless: ReadonlySet<ErrorCode> = new Set(['TAP_CANCELLED', 'TAP_TIMEOUT'])

const ofRequest = (request: string, safeOf: SafeOfRequest): Pick<AlertAbout, 'group' | 'safe'> => ({
  group: request,
  safe: safeOf(request) ?? null,
})

const judges: Judges = {
  'request.opened': ({ data: { statement } }) =>
    about('request-opened', 'critical', { group: statement.request, safe: statement.safe }),
  'tap.refused': ({ data: { request, operation, code } }, safeOf) => {
    const severity = harmless.has(code) ? 'info' : 'warning'
    return about('tap-refused', severity, request === null ? { group: operation } : ofRequest(request, safeOf))
  },
  'request.granted': ({ data }, safeOf) => about('request-granted', 'critical', ofRequest(data.request, safeOf)),
  'request.waiting': ({ data }, safeOf) => about('request-waiting', 'critical', ofRequest(data.request, safeOf)),
  // Whoever hears of requests has heard of this one; its grant, if it comes to that, is told of.
  'request.resumed': null,
  // Nothing was opened and somebody has seen to it: this is the end of it.
  'request.vetoed': ({ data }, safeOf) =>
    about('request-ended', 'warning', { ...ofRequest(data.request, safeOf), ...end }),
  // One day's adds to the day's before: a receiver that counts incidents has one until somebody ends it there.
  'due.noticed': ({ station }) => about('overdue', 'warning', { group: `overdue.${station}` }),
  'field.copied': ({ data }, safeOf) => about('field-copied', 'warning', ofRequest(data.request, safeOf)),
  'window.closed': ({ data }, safeOf) => about('window-ended', 'warning', ofRequest(data.request, safeOf)),
  // Nothing was opened, so nobody will say what it was: this is the end of it.
  'request.cancelled': ({ data }, safeOf) =>
    about('request-ended', 'info', { ...ofRequest(data.request, safeOf), ...end }),
  'request.expired': ({ data }, safeOf) =>
    about('request-ended', 'warning', { ...ofRequest(data.request, safeOf), ...end }),
  // A share or a record was wrong: somebody has to look.
  'request.failed': ({ data }, safeOf) => about('request-ended', 'error', ofRequest(data.request, safeOf)),
  'request.classified': ({ data: { request, statement } }, safeOf) => {
    const { detail } = statement
    const isMisuse = detail.kind === 'classify' && detail.outcome === 'misuse'
    const where = ofRequest(request, safeOf)
    // The use is over and named. Misuse is only known now: its incident stays open until a person ends it there.
    return isMisuse
      ? about('request-classified', 'critical', where)
      : about('request-classified', 'info', { ...where, ...end })
  },
  'drill.passed': () => about('drill', 'info'),
  'drill.failed': () => about('drill', 'error'),
  'joint.opened': ({ data: { statement } }) =>
    statement.detail.kind === 'prove' && statement.detail.purpose === 'drill'
      ? about('drill', 'info', { group: statement.act, safe: statement.detail.safe, reach: 'critical' })
      : null,
  'proof.passed': ({ data: { act, purpose, safe } }) =>
    purpose === 'drill' ? about('drill', 'info', { group: act, safe, ...end }) : null,
  'proof.failed': ({ data: { act, purpose, safe } }) =>
    about('drill', 'error', { group: act, safe, ...(purpose === 'drill' ? { reach: 'critical' } : {}) }),
  'ceremony.opened': ({ data }) => about('ceremony', 'info', { group: data.ceremony }),
  'ceremony.exception': ({ data }) => about('ceremony', 'warning', { group: data.ceremony }),
  'ceremony.cancelled': ({ data }) => about('ceremony', 'warning', { group: data.ceremony, ...end }),
  'ceremony.closed': ({ data }) => about('ceremony', 'info', { group: data.ceremony, ...end }),
  'manifest.changed': () => about('manifest-changed', 'warning'),
  'clock.jumped': () => about('clock-jumped', 'warning'),
  'log.verification-failed': () => about('log-failed', 'critical'),
  'sync.diverged': ({ data }) => about('sink-diverged', 'critical', { group: data.sink }),
  'alert.test': ({ data }) => about('test', 'info', { only: data.channel }),
  // Of what alerts do nobody is alerted: it would never come to an end.
  'alert.delivered': null,
  'alert.failed': null,
  'vault.created': null,
  'app.opened': null,
  'app.closed': null,
  'log.key-rotated': null,
  'storage.ballast-released': null,
  'key.enrolled': null,
  'manifest.signed': null,
  'credential.sealed': null,
  'tap.accepted': null,
  'field.shown': null,
  'code.burned': null,
  'passphrase.changed': null,
  'tap-page.refused': null,
  'operation.ended': null,
  'export.made': null,
  'sync.acknowledged': null,
  'joint.signed': null,
  // Comes with manifest.changed, many at once.
  'credential.resealed': null,
  'credential.destroyed': null,
  'ceremony.step': null,
  'minutes.written': null,
}

/** What an alert about `entry` is; null when nobody is alerted of it. */
export function judgeEntry(entry: Entry, safeOf: SafeOfRequest): AlertAbout | null {
  // The table is typed per entry type; one lookup loses that link, which the compiler cannot follow.
  const judge = judges[entry.type] as ((entry: Entry, safeOf: SafeOfRequest) => AlertAbout | null) | null
  return judge === null ? null : judge(entry, safeOf)
}

const gravity: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2, critical: 3 }

/** Channels, each once, that `settings` sends this over. Every route that fits is followed. */
export function routeAlert({ channels, routes }: AlertSettings, { safe, reach, only }: AlertAbout): string[] {
  const known = channels.map(({ id }) => id)
  if (only !== null) return known.filter((id) => id === only)
  const fitting = routes.filter(
    (route) => (route.safe === null || route.safe === safe) && gravity[reach] >= gravity[route.severity],
  )
  const wanted = new Set(fitting.flatMap((route) => route.channels))
  return known.filter((id) => wanted.has(id))
}

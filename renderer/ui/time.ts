/** Times as people read them: local first, UTC beside it, 24 hours, the month as a word. */
import { countOf } from '../../shared/quantities.ts'

export { formatNumber, formatSeconds } from '../../shared/quantities.ts'

const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

function parts(ms: number, timeZone: string): { readonly date: string; readonly time: string } {
  const date = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' })
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return { date: date.format(ms), time: time.format(ms) }
}

/** A moment in both clocks. `utc` carries its date only where it differs from the local one. */
export interface Moment {
  readonly date: string
  readonly time: string
  readonly utc: string
  /** True where local time is UTC: saying it twice helps nobody. */
  readonly same: boolean
}

/**
 * @param timestamp `2026-11-23T14:02:10.123Z`
 * @param zone IANA name; the machine's own by default
 */
export function readMoment(timestamp: string, zone: string = localZone()): Moment {
  const ms = Date.parse(timestamp)
  const local = parts(ms, zone)
  const utc = parts(ms, 'UTC')
  const same = local.time === utc.time && local.date === utc.date
  return { ...local, utc: local.date === utc.date ? `${utc.time} UTC` : `${utc.date}, ${utc.time} UTC`, same }
}

/** `23 Nov 2026, 15:02:10 (14:02:10 UTC)`. */
export function formatMoment(timestamp: string, zone?: string): string {
  const moment = readMoment(timestamp, zone)
  return moment.same ? `${moment.date}, ${moment.time} UTC` : `${moment.date}, ${moment.time} (${moment.utc})`
}

/** `15:02:10 (14:02:10 UTC)`: where the day is plain from what stands around it. */
export function formatTime(timestamp: string, zone?: string): string {
  const moment = readMoment(timestamp, zone)
  return moment.same ? `${moment.time} UTC` : `${moment.time} (${moment.utc})`
}

/** `23 Nov 2026`, local. */
export const formatDate = (timestamp: string, zone?: string): string => readMoment(timestamp, zone).date

/** `1:05` for 65 000 ms. Rounds up, so that it says 0:00 only when nothing is left. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`
}

const dayMs = 86_400_000

/** `in 12 days`, `today`, `3 days ago`: whole days between two moments, in the machine's zone. */
export function formatDaysUntil(timestamp: string, nowMs: number, zone: string = localZone()): string {
  const dayOf = (ms: number): number => Date.parse(`${parts(ms, zone).date} UTC`) / dayMs
  const days = Math.round(dayOf(Date.parse(timestamp)) - dayOf(nowMs))
  if (days === 0) return 'today'
  return days > 0 ? `in ${countOf(days, 'day')}` : `${countOf(-days, 'day')} ago`
}

/** `812 bytes`, `64 KiB`, `1 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, 'byte')
  if (bytes < 1_048_576) return `${String(Math.round((bytes / 1024) * 10) / 10)} KiB`
  return `${String(Math.round((bytes / 1_048_576) * 100) / 100)} MiB`
}

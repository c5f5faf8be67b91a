/**
 * What an alert says: who, what, why, until when, on which station, and the log's head in words. Text of people stands in it as
 * they wrote it; each channel escapes for itself. Pure. Entries hold no secret, so neither does this.
 */
import type { Entry } from '../../../shared/audit/entry.ts'
import { describeEntry, type Names } from '../../../shared/audit/entry-sentences.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { sayVersion, type LogHead, type RequestStatement } from '../../../shared/domain/statements.ts'
import { limits } from '../../../shared/limits.ts'
import { formatNumber, formatSeconds } from '../../../shared/quantities.ts'
import type { AlertAbout } from './events.ts'
import { listOverdueLines } from './overdue-lines.ts'

/** An alert that leaves this long after its entry says so. */
const lateMs = 60_000

const titleMax = 1000
const valueMax = 2000

export interface AlertFacts {
  readonly entry: Entry
  readonly about: AlertAbout
  readonly channel: string
  /** The request that it belongs to, if it belongs to one. */
  readonly request: { readonly statement: RequestStatement; readonly credentialName: string } | null
  readonly names: Names
  /** Who can stop a request of its safe while it waits; none where it makes nobody wait. */
  readonly vetoers: readonly string[]
  readonly vault: { readonly id: string; readonly name: string }
  readonly station: string
  /** After the commit that holds the entry, and its four words. */
  readonly head: LogHead
  readonly headWords: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Stable over tries, restarts and restored backups: a receiver folds by it what it has had before. */
export const alertKey = (vault: string, seq: number, channel: string): string => `${vault}.${seq}.${channel}`

/** At most `max` UTF-16 units, no character cut in half. */
function clip(text: string, max: number): string {
  const whole = text.toWellFormed()
  if (whole.length <= max) return whole
  const kept = whole.slice(0, max - 1)
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`
}

/** `2026-11-23 14:00:05 UTC`. */
const sayTime = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`

const after = (at: string, seconds: number): string => sayTime(toTimestamp(Date.parse(at) + seconds * 1000))

/** Until when something can be done about it; undefined when there is no such time. */
function untilWhen(entry: Entry, request: AlertFacts['request']): string | undefined {
  if (entry.type === 'request.opened') {
    const window = formatSeconds(entry.data.statement.windowSeconds)
    return `Can be approved until ${after(entry.at, limits.requestLifetimeSeconds)}, then opens for ${window}`
  }
  if (entry.type === 'request.waiting') {
    const { delaySeconds } = entry.data
    return `Can be stopped until it is opened, not before ${after(entry.at, delaySeconds)}; a clock that was set or a sleep puts that off`
  }
  if (entry.type === 'request.granted') return `Open until ${after(entry.at, entry.data.windowSeconds)}`
  if ((entry.type === 'field.copied' || entry.type === 'tap.refused') && request !== null) {
    return `Window of ${formatSeconds(request.statement.windowSeconds)}`
  }
  return undefined
}

function whoDid({ entry, names }: AlertFacts): string {
  if (entry.type === 'request.opened') return names.person(entry.data.statement.requester)
  if (entry.type === 'request.granted' || entry.type === 'request.waiting')
    return entry.data.approvals.map(names.person).join(', ')
  if (entry.type === 'tap.refused' && entry.data.person !== null) return names.person(entry.data.person)
  return entry.actor.kind === 'person' ? entry.actor.name : 'The station'
}

/** An older version is named: whoever hears of it may know that it is still in use. */
const sayWhat = ({ credentialName, statement: { version, newest } }: NonNullable<AlertFacts['request']>): string =>
  newest === undefined ? credentialName : `${credentialName}, ${sayVersion(version, newest)}`

function linesOf(facts: AlertFacts): AlertMessage['lines'] {
  const { entry, request, about, names, head, headWords: words } = facts
  const asked = request?.statement
  const wanted: readonly (readonly [string, string | null | undefined])[] = [
    ['Who', whoDid(facts)],
    ['What', request === null ? undefined : sayWhat(request)],
    ['Asked by', asked === undefined || entry.type === 'request.opened' ? undefined : names.person(asked.requester)],
    ['Why', asked?.reason],
    ['Incident', asked?.incident],
    ['Safe', about.safe === null ? undefined : names.safe(about.safe)],
    ['Until when', untilWhen(entry, request)],
    ['Who can stop it', entry.type === 'request.waiting' ? facts.vetoers.map(names.person).join(', ') : undefined],
    ['When', sayTime(entry.at)],
    ['Station', facts.station],
    ['Vault', facts.vault.name],
    ['Log', `${words.join(' ')} (${formatNumber(head.size)} entries)`],
  ]
  const overdue = entry.type === 'due.noticed' ? listOverdueLines(entry) : []
  const said = wanted.flatMap(([label, value]) =>
    value === undefined || value === null || value === '' ? [] : [{ label, value: clip(value, valueMax) }],
  )
  return [...overdue, ...said]
}

/** The alert about an entry, for one channel. */
export function composeAlert(facts: AlertFacts): AlertMessage {
  const { entry, about, channel, vault, station, names, now } = facts
  const key = alertKey(vault.id, entry.seq, channel)
  const { event, severity, action, group } = about
  const said = describeEntry(entry, names).trim()
  return {
    key,
    group: group ?? key,
    event,
    severity,
    action,
    title: clip(event === 'test' ? `${said} Nothing has happened: this is only a test.` : said, titleMax),
    lines: linesOf(facts),
    vault: vault.name,
    station,
    at: entry.at,
    late: now - Date.parse(entry.at) > lateMs,
    seq: entry.seq,
  }
}

/** What somebody chose to see of the log, as the vault process understands it, and how soon it is asked. */
import { toTimestamp } from '../../../shared/clock.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { typesOf, type EntryGroup } from './entry-groups.ts'

export type Filter = Input<typeof appContract, 'timeline.find'>['filter']

export interface Choice {
  readonly group: EntryGroup
  readonly person: string
  readonly credential: string
  readonly text: string
  /** `2026-11-23` in local time, or empty. */
  readonly from: string
  readonly to: string
}

/** A local moment, `later` milliseconds on, as a timestamp; null while the day is not (yet) one. */
function momentOf(local: string, later: number): string | null {
  const ms = Date.parse(local)
  return Number.isNaN(ms) ? null : toTimestamp(ms + later)
}

/** The filter for `choice`. Its `before` is exclusive: the day's last millisecond belongs to the day. */
export const toFilter = ({ group, person, credential, text, from, to }: Choice): Filter => ({
  types: typesOf(group),
  person: person === 'all' ? null : person,
  credential: credential === 'all' ? null : credential,
  text: text.trim(),
  from: momentOf(`${from}T00:00:00.000`, 0),
  before: momentOf(`${to}T23:59:59.999`, 1),
})

/** Typing does not ask at every letter; nobody sees this wait. */
const typingMs = 50
/** Nor does a burst of entries at each. */
const burstMs = 200

/**
 * Milliseconds to wait before `filter` is asked about.
 * @param shown what is on the screen; null: nothing yet
 */
export function pauseBefore(shown: Filter | null, filter: Filter): number {
  if (shown === null) return 0
  if (shown.text !== filter.text) return typingMs
  // The same question: it is asked again because there are new entries.
  return JSON.stringify(shown) === JSON.stringify(filter) ? burstMs : 0
}

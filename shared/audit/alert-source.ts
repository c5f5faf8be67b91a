/** What an alert text says of a request, from the entries that tell of it: the station writes it, and a verifier compares. */
import { toTimestamp } from '../clock.ts'
import { limits } from '../limits.ts'
import type { AlertSource } from './alert-text.ts'
import type { Entry } from './entry.ts'

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>
export type OpenedEntry = Pick<EntryOf<'request.opened'>, 'seq' | 'at' | 'actor' | 'data'>
export type GrantedEntry = Pick<EntryOf<'request.granted'>, 'seq' | 'at' | 'data'>

/** Names as entry 0 has them. */
export interface LogNames {
  readonly vault: string
  readonly station: string
}

/**
 * The facts of a request as the log has them.
 * @param granted its `request.granted` entry; null while it waits for its quorum
 */
export function describeRequest(
  names: LogNames,
  opened: OpenedEntry,
  granted: GrantedEntry | null,
): Omit<AlertSource, 'size'> {
  const { reason, incident, windowSeconds, version, newest } = opened.data.statement
  const name = opened.data.credentialName
  const { seq, at } = granted ?? opened
  const lastsSeconds = granted === null ? limits.requestLifetimeSeconds : windowSeconds
  return {
    kind: granted === null ? 'opened' : 'granted',
    vault: names.vault,
    station: names.station,
    // In front: a long name is cut at its end.
    credential: newest === undefined ? name : `v${String(version)} of ${String(newest)}: ${name}`,
    who: opened.actor.kind === 'person' ? opened.actor.name : '',
    reason,
    incident,
    at,
    until: toTimestamp(Date.parse(at) + lastsSeconds * 1000),
    seq,
  }
}

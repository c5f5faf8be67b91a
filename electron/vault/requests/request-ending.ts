/** What the log and the app window say about the end of a request, however it came. Pure. */
import type { Actor, CloseReason, EntryType, NewEntry } from '../../../shared/audit/entry.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { Ending, Outcome } from '../operations/operation.ts'

/** open: waits for its quorum; granted: the window is open; closed: its end is in the log. */
export type RequestPhase = 'open' | 'granted' | 'closed'

export interface RequestEnd {
  readonly ending: Ending
  readonly phase: RequestPhase
  readonly request: string
  readonly openedMs: number
  readonly wasGranted: boolean
  /** Why the window closed, when the strongroom has said so (whether or not that could be recorded). */
  readonly closedBy: CloseReason | null
  /** Why an entry of the open window could not be written; null when all were. */
  readonly recordProblem: ErrorCode | null
}

const actor = { kind: 'station' } as const

/** An end that somebody or something asked for is not a failure. */
const wasAsked = (reason: CloseReason | null): boolean => reason !== null && reason !== 'strongroom-died'

function reasonOf(ending: Ending): CloseReason {
  switch (ending.by) {
    case 'person':
      return 'hidden-by-person'
    case 'clock':
      return 'time-elapsed'
    case 'death':
      return ending.reason ?? 'strongroom-died'
    case 'strongroom':
      // It ended without saying when its window closed: whatever happened there, it is not known.
      return 'strongroom-died'
  }
}

const expired: Outcome = { result: 'failed', code: 'REQUEST_EXPIRED', detail: null }

/** How a request ended, for whoever taps on it afterwards: by the entry about its end. */
export function codeOfEnd(type: EntryType): ErrorCode {
  switch (type) {
    case 'window.closed':
      return 'TAP_AFTER_QUORUM'
    case 'request.expired':
      return 'REQUEST_EXPIRED'
    case 'request.cancelled':
      return 'REQUEST_CANCELLED'
    default:
      return 'REQUEST_NOT_OPEN'
  }
}

function outcomeOf(ending: Ending): Outcome {
  switch (ending.by) {
    case 'strongroom':
      // Its clock may be the first to say so; it is the same end.
      if (ending.code === 'REQUEST_EXPIRED') return expired
      // "done" without a grant is no end that an honest strongroom knows.
      return ending.result === 'done'
        ? { result: 'failed', code: 'INTERNAL', detail: null }
        : { result: ending.result, code: ending.code, detail: null }
    case 'person':
      return { result: 'cancelled', code: 'REQUEST_CANCELLED', detail: null }
    case 'clock':
      return expired
    case 'death':
      if (ending.reason === 'time-elapsed') return expired
      return wasAsked(ending.reason)
        ? { result: 'cancelled', code: 'REQUEST_CANCELLED', detail: null }
        : { result: 'failed', code: 'STRONGROOM_DIED', detail: null }
  }
}

/** The entry about a request that ended for `reason` before anything was granted. */
export const describeUnopened = (request: string, reason: CloseReason, by: Actor): NewEntry =>
  reason === 'time-elapsed'
    ? { type: 'request.expired', actor, data: { request } }
    : { type: 'request.cancelled', actor: by, data: { request, reason } }

function describeUngranted(ending: Ending, request: string): NewEntry {
  switch (ending.by) {
    case 'person':
      return { type: 'request.cancelled', actor, data: { request, reason: 'cancelled' } }
    case 'clock':
    case 'death':
      return describeUnopened(request, reasonOf(ending), actor)
    case 'strongroom':
      if (ending.code === 'REQUEST_EXPIRED') return describeUnopened(request, 'time-elapsed', actor)
      return ending.result === 'cancelled'
        ? { type: 'request.cancelled', actor, data: { request, reason: 'cancelled' } }
        : { type: 'request.failed', actor, data: { request, code: ending.code ?? 'INTERNAL', custodian: null } }
  }
}

/** The entry that is still missing (null when the strongroom has recorded the end already) and the outcome to show. */
export function describeEnding(end: RequestEnd): { readonly entry: NewEntry | null; readonly outcome: Outcome } {
  const { ending, phase, request, openedMs, wasGranted, closedBy, recordProblem } = end
  const failed = (code: ErrorCode): Outcome => ({ result: 'failed', code, detail: null })
  const done = (reason: CloseReason | null): Outcome =>
    recordProblem === null ? { result: 'done', code: null, detail: reason } : failed(recordProblem)
  switch (phase) {
    case 'closed':
      return { entry: null, outcome: wasGranted ? done(closedBy) : outcomeOf(ending) }
    case 'granted': {
      const known = closedBy ?? reasonOf(ending)
      const reason = known === 'strongroom-died' && recordProblem !== null ? 'record-failed' : known
      const outcome = wasAsked(reason) ? done(reason) : failed('STRONGROOM_DIED')
      return { entry: { type: 'window.closed', actor, data: { request, reason, openedMs } }, outcome }
    }
    case 'open':
      return { entry: describeUngranted(ending, request), outcome: outcomeOf(ending) }
  }
}

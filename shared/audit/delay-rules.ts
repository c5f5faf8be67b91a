/** Requests that wait between two quorums (docs/format.md, section 5, "Time delay"). Used by whoever checks one: log, vault, strongroom. */
import { sameBytes, toBase64Url } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import { toTimestamp } from '../clock.ts'
import type { Manifest, SafePolicy } from '../domain/manifest.ts'
import type { ActDetail, RequestStatement } from '../domain/statements.ts'
import type { Entry, EntryData } from './entry.ts'
import { checkQuorum, type OpenRequest } from './request-ledger.ts'

/** When an entry was written, by both clocks of one boot. */
export type Moment = Pick<Entry, 'at' | 'monotonic'>

/** The delay of a safe's policy; undefined when its requests do not wait, or there is no such safe. */
export const delayOf = (manifest: Manifest, safe: string): SafePolicy['delay'] =>
  manifest.safes.find(({ id }) => id === safe)?.policy.delay

/** Wall-clock milliseconds of a time; NaN when the calendar has no such time (a parser would roll it over). */
function wallOf(at: string): number {
  const ms = Date.parse(at)
  return Number.isNaN(ms) || toTimestamp(ms) !== at ? NaN : ms
}

/**
 * How much of a wait is over (ms), by whichever clock says less: one that is set forward shortens nothing. NaN when an `at` is no time.
 * @param since the entry `request.waiting`
 * @param now same boot
 */
export const waitedMs = (since: Moment, now: Moment): number =>
  Math.min(wallOf(now.at) - wallOf(since.at), now.monotonic - since.monotonic)

/** True when both clocks have gone on by `seconds` from `since` to `now`. */
export const hasWaited = (since: Moment, now: Moment, seconds: number): boolean =>
  waitedMs(since, now) >= seconds * 1000

/**
 * Whether `second` is what a quorum approved as `first`, asked for once more.
 * @param challenge of `first`: 32 bytes, WebAuthn challenge of its taps.
 * @returns null, or what differs, in plain words.
 */
export function checkSecondStatement(
  first: RequestStatement,
  challenge: Uint8Array,
  second: RequestStatement,
): string | null {
  if (first.first !== undefined) return 'continues one that continues another'
  if (second.first !== toBase64Url(challenge)) return 'does not name the one that was approved'
  const { createdAt, head, nonce } = first
  const { first: _, ...again } = { ...second, createdAt, head, nonce }
  return sameBytes(canonicalBytes(again), canonicalBytes(first)) ? null : 'asks for something else than was approved'
}

/** What does not fit between a wait and its request, in plain words; null when the quorum was real and the delay is the safe's. */
export function checkWaiting(
  manifest: Manifest,
  request: OpenRequest | undefined,
  waiting: EntryData<'request.waiting'>,
): string | null {
  if (request === undefined) return 'is of a request that was not open'
  if (request.grantedMs !== null) return 'comes after the grant'
  if (request.stage.kind !== 'asked') return 'is the second one'
  const { statement } = request
  if (delayOf(manifest, statement.safe)?.seconds !== waiting.delaySeconds) return "is not the safe's"
  if (waiting.credential !== statement.credential || waiting.version !== statement.version)
    return 'is of something else'
  return checkQuorum(manifest, request, waiting.approvals)
}

/** The request that waits, when it does. */
export type WaitingRequest = OpenRequest & { readonly stage: Extract<OpenRequest['stage'], { kind: 'waiting' }> }

export const isWaiting = (request: OpenRequest | undefined): request is WaitingRequest =>
  request?.stage.kind === 'waiting'

/** What is wrong with a veto, in plain words; null when somebody who may has stopped this very request while it waited. */
export function checkVeto(
  manifest: Manifest,
  request: OpenRequest | undefined,
  person: string,
  detail: ActDetail,
): string | null {
  if (!isWaiting(request)) return 'is of a request that does not wait'
  const { statement, credentialName, stage } = request
  if (delayOf(manifest, statement.safe)?.vetoers.includes(person) !== true) return 'is by somebody who may not'
  const fits =
    detail.kind === 'veto' &&
    detail.request === statement.request &&
    detail.credential === statement.credential &&
    detail.credentialName === credentialName &&
    detail.version === statement.version &&
    detail.requester === statement.requester &&
    detail.waitingSince === stage.since.at
  return fits ? null : 'shows another request than the one it stops'
}

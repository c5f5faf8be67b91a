/**
 * A request while it runs: taps, grant, the window's records, its end. Everything the strongroom claims is checked again:
 * a strongroom that was taken over cannot write a quorum into the log that did not happen.
 */
import type { Actor, CloseReason, Entry, NewEntry } from '../../../shared/audit/entry.ts'
import { isUseLate } from '../../../shared/audit/request-ledger.ts'
import { challengeOf, checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { writeRequestText } from '../alerts/alert-text.ts'
import { insist, personActor, stationActor } from '../context.ts'
import type { KindCalls, Operation } from '../operations/operation.ts'
import { saveWrap } from '../people/wraps.ts'
import { isRequestOver, isWindowOverdue, startStopwatch, type Stopwatch } from './deadlines.ts'
import type { RequestMeans } from './means.ts'
import { createQuorum } from './quorum.ts'
import { codeOfEnd, describeEnding, describeUnopened, type RequestPhase } from './request-ending.ts'
import { hasGoneBack } from '../../../shared/domain/sign-count.ts'
import { readSignCount, saveSignCount } from './sign-counts.ts'

type StrongroomInput<K extends 'tapAccepted' | 'codeBurned' | 'fieldShown' | 'windowClosed' | 'failed'> = Input<
  typeof strongroomContract,
  K
>

export interface OpenedRequest {
  readonly job: JobOf<'unseal'>
  readonly safe: Safe
  readonly requester: Person
  readonly credentialName: string
  readonly openedAt: string
  /** Its entry, as it stands in the log. */
  readonly openedEntry: Entry | undefined
  readonly sinceOpened: Stopwatch
}

export function createUnseal(means: RequestMeans, opened: OpenedRequest): Operation {
  const { context, registry } = means
  const { job, safe, requester, credentialName, openedAt, openedEntry, sinceOpened } = opened
  const { statement, operation: id } = job
  const { request, credential, version, windowSeconds } = statement
  const challenge = challengeOf(context.primitives, 'request', statement)
  const quorum = createQuorum(safe, requester.id)
  const counters = new Map(job.signCounts.map(({ key, count }) => [key, count]))
  /** Their tap on this request is in the log; a grant without it is refused. */
  const requesterActor = personActor(requester, true)
  let phase: RequestPhase = 'open'
  let sinceGranted: Stopwatch | null = null
  /** Monotonic time of the grant's own entry: what later entries are held against. */
  let grantedMs = 0
  let grantedAt: string | null = null
  let closedBy: CloseReason | null = null
  let recordProblem: ErrorCode | null = null
  let hasErased = false
  /** What a tap is refused with from the grant or the end on. */
  let overCode: ErrorCode = 'REQUEST_NOT_OPEN'

  function checkTap(tap: Tap): Person {
    const person = registry.requirePerson(tap.person)
    const key = registry.keyOf(tap.person, tap.key)
    if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
    const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
    const problem = checkTapSignature(context.primitives, check)
    if (problem !== null) throw new HalliganError(problem)
    return person
  }

  /** A new wrap may only replace the one that this very tap has opened, for the same secret key. */
  function checkWrap(wrap: Wrap, tap: Tap, counts: boolean): void {
    const custody = safe.custodians.find(({ person }) => person === tap.person)
    insist(counts && custody !== undefined, 'wrap-without-custody')
    insist(wrap.vault === statement.vault && wrap.safe === safe.id, 'wrap.safe')
    insist(wrap.person === tap.person && wrap.key === tap.key, 'wrap.key')
    insist(wrap.publicKey === custody.publicKey, 'wrap.publicKey')
    insist(needsPassphrase(wrap) === (safe.policy.passphrase === true), 'wrap.passphrase')
  }

  function insistPhase(wanted: RequestPhase): void {
    if (phase === wanted) return
    throw new HalliganError(wanted === 'granted' && phase === 'closed' ? 'WINDOW_CLOSED' : 'REQUEST_NOT_OPEN')
  }

  async function acceptTap({ tap, counts, wrap }: StrongroomInput<'tapAccepted'>): Promise<void> {
    if (phase !== 'open') throw new HalliganError(overCode)
    const person = checkTap(tap)
    const verdict = quorum.judge(tap.person)
    // Claiming less is honest: a custodian's share may be lost while their word still opens the request.
    insist(!counts || verdict.counts, 'counts')
    if (wrap !== null) checkWrap(wrap, tap, counts)
    const signCount = readSignCount(tap.assertion)
    const signCountWentBack = hasGoneBack(counters.get(tap.key) ?? 0, signCount)
    const data = { operation: id, request, ...tap, counts, signCount, signCountWentBack }
    const entry: NewEntry = { type: 'tap.accepted', actor: personActor(person, true), data }
    const [written] = await context.log.append([entry], async (statements) => {
      await saveSignCount(statements, tap.key, signCount)
      if (wrap !== null) await saveWrap(statements, wrap)
    })
    counters.set(tap.key, signCount)
    hasErased ||= wrap !== null
    quorum.add({ person: tap.person, at: written?.at ?? openedAt, counts })
  }

  async function grant(approvals: string[]): Promise<{ alertText: string | null }> {
    insistPhase('open')
    insist(quorum.isGrantedBy(approvals), 'approvals')
    const data = { request, credential, version, approvals, windowSeconds }
    const [written] = await context.log.append([{ type: 'request.granted', actor: requesterActor, data }])
    phase = 'granted'
    overCode = 'TAP_AFTER_QUORUM'
    sinceGranted = startStopwatch(context.clock)
    grantedAt = written?.at ?? openedAt
    grantedMs = written?.monotonic ?? 0
    return { alertText: textOfGrant(written) }
  }

  /** Null rather than a failure: a text for a phone must not keep anybody from what was granted. */
  function textOfGrant(written: Entry | undefined): string | null {
    if (openedEntry?.type !== 'request.opened' || written?.type !== 'request.granted') return null
    try {
      return writeRequestText(context, openedEntry, written)
    } catch {
      return null
    }
  }

  async function fail({ code, custodian }: StrongroomInput<'failed'>): Promise<void> {
    insistPhase('open')
    await close({ type: 'request.failed', actor: stationActor, data: { request, code, custodian } })
  }

  async function use(
    type: 'field.shown' | 'field.copied',
    { field, label }: StrongroomInput<'fieldShown'>,
  ): Promise<void> {
    insistPhase('granted')
    await record({ type, actor: requesterActor, data: { request, credential, field, label } })
  }

  async function burn({ field, label, code }: StrongroomInput<'codeBurned'>): Promise<void> {
    insistPhase('granted')
    const isBurned = means.history
      .burnedCodes(credential, version)
      .some((one) => one.field === field && one.code === code)
    if (isBurned) throw new HalliganError('CODES_EXHAUSTED')
    await record(
      { type: 'code.burned', actor: requesterActor, data: { request, credential, version, field, code } },
      { type: 'field.shown', actor: requesterActor, data: { request, credential, field, label } },
    )
  }

  /** What happens in an open window: if it cannot be written, that is why the window ends. */
  async function record(...entries: NewEntry[]): Promise<void> {
    try {
      await context.log.append(entries, async (_, placed) => {
        // After a stall (a slow disk, a suspended machine) a use may come too late, and a log that says so is broken.
        const isLate = placed.some(({ monotonic }) => isUseLate(grantedMs, windowSeconds, monotonic))
        await (isLate ? Promise.reject(new HalliganError('WINDOW_CLOSED')) : Promise.resolve())
      })
    } catch (error) {
      const { code } = asHalliganError(error)
      if (code !== 'WINDOW_CLOSED') recordProblem ??= code
      throw error
    }
  }

  async function closeWindow({ reason, openedMs }: StrongroomInput<'windowClosed'>): Promise<void> {
    if (phase === 'closed') throw new HalliganError('WINDOW_CLOSED')
    const actor: Actor = reason === 'hidden-by-person' ? personActor(requester, false) : stationActor
    // Ended from outside before anything was granted: there was no window, but the reason is worth as much.
    closedBy = reason
    if (phase === 'open') await close(describeUnopened(request, reason, actor))
    else await close({ type: 'window.closed', actor, data: { request, reason, openedMs } })
  }

  async function close(entry: NewEntry): Promise<void> {
    await append(entry)
    phase = 'closed'
    overCode = codeOfEnd(entry.type)
  }

  const append = async (entry: NewEntry): Promise<void> => {
    await context.log.append([entry])
  }

  const done = async (work: Promise<void>): Promise<Record<string, never>> => {
    await work
    return {}
  }

  const calls: KindCalls = {
    tapAccepted: (input) => done(acceptTap(input)),
    granted: ({ approvals }) => grant(approvals),
    failed: (input) => done(fail(input)),
    fieldShown: (input) => done(use('field.shown', input)),
    fieldCopied: (input) => done(use('field.copied', input)),
    codeBurned: (input) => done(burn(input)),
    windowClosed: (input) => done(closeWindow(input)),
  }

  return {
    id,
    kind: 'unseal',
    person: requester.id,
    need: safe.threshold,
    job,
    calls,
    request,
    noteHead: () => undefined,
    viewTaps: () => quorum.approvals().map(({ person, at, counts }) => ({ person, at, counts })),
    viewRequest: () => ({
      id: request,
      credential,
      credentialName,
      safe: safe.id,
      version,
      requester: requester.id,
      reason: statement.reason,
      incident: statement.incident,
      windowSeconds,
      openedAt,
      expiresAt: job.expiresAt,
      grantedAt,
    }),
    checkTime: () => {
      if (phase === 'open') return isRequestOver(sinceOpened) ? 'expired' : 'running'
      const isOverdue = phase === 'granted' && sinceGranted !== null && isWindowOverdue(sinceGranted, windowSeconds)
      return isOverdue ? 'time-elapsed' : 'running'
    },
    isRevealing: () => phase === 'granted',
    overCode: () => overCode,
    conclude: async (ending) => {
      const openedMs = sinceGranted?.elapsedMs() ?? 0
      const wasGranted = grantedAt !== null
      const { entry, outcome } = describeEnding({
        ending,
        phase,
        request,
        openedMs,
        wasGranted,
        closedBy,
        recordProblem,
      })
      phase = 'closed'
      if (entry !== null) {
        overCode = codeOfEnd(entry.type)
        await append(entry)
      }
      // Replaced wraps must be gone from the write-ahead log too: an old one opens with an old PRF output.
      if (hasErased) await context.store.eraseRemnants()
      return outcome
    },
  }
}

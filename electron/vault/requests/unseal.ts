/**
 * A request while it runs: taps, grant, the window's records, its end. Everything the strongroom claims is checked again:
 * a strongroom that was taken over cannot write a quorum into the log that did not happen.
 */
import type { Actor, CloseReason, Entry, NewEntry } from '../../../shared/audit/entry.ts'
import { isUseLate } from '../../../shared/audit/request-ledger.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { writeRequestText } from '../alerts/alert-text.ts'
import { insist, personActor, stationActor } from '../context.ts'
import type { KindCalls, Operation } from '../operations/operation.ts'
import { isRequestOver, isWindowOverdue, startStopwatch, type Stopwatch } from './deadlines.ts'
import type { RequestMeans } from './means.ts'
import { codeOfEnd, describeEnding, describeUnopened, type RequestPhase } from './request-ending.ts'
import { createRequestTaps } from './request-taps.ts'

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

/** A request as the app window shows it while its operation runs. */
export const viewOpened = (
  {
    job,
    safe,
    requester,
    credentialName,
    openedAt,
  }: Pick<OpenedRequest, 'safe' | 'requester' | 'credentialName' | 'openedAt'> & {
    readonly job: Pick<JobOf<'unseal'>, 'statement' | 'expiresAt'>
  },
  grantedAt: string | null,
): OperationView['request'] => {
  const { request, credential, version, newest, reason, incident, windowSeconds } = job.statement
  return {
    ...{ id: request, credential, credentialName, safe: safe.id, version, newest: newest ?? null },
    ...{ requester: requester.id, reason, incident, windowSeconds, openedAt, expiresAt: job.expiresAt, grantedAt },
  }
}

export function createUnseal(means: RequestMeans, opened: OpenedRequest): Operation {
  const { context } = means
  const { job, safe, requester, openedAt, openedEntry, sinceOpened } = opened
  const { statement, operation: id } = job
  const { request, credential, version, windowSeconds } = statement
  const taps = createRequestTaps(means, opened)
  /** Their tap on this request is in the log; a grant without it is refused. */
  const requesterActor = personActor(requester, true)
  let phase: RequestPhase = 'open'
  let sinceGranted: Stopwatch | null = null
  /** Monotonic time of the grant's own entry: what later entries are held against. */
  let grantedMs = 0
  let grantedAt: string | null = null
  let closedBy: CloseReason | null = null
  let recordProblem: ErrorCode | null = null
  /** What a tap is refused with from the grant or the end on. */
  let overCode: ErrorCode = 'REQUEST_NOT_OPEN'

  function insistPhase(wanted: RequestPhase): void {
    if (phase === wanted) return
    throw new HalliganError(wanted === 'granted' && phase === 'closed' ? 'WINDOW_CLOSED' : 'REQUEST_NOT_OPEN')
  }

  async function acceptTap(input: StrongroomInput<'tapAccepted'>): Promise<void> {
    if (phase !== 'open') throw new HalliganError(overCode)
    await taps.accept(input)
  }

  async function grant(approvals: string[]): Promise<{ alertText: string | null }> {
    insistPhase('open')
    insist(taps.isGrantedBy(approvals), 'approvals')
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
    viewTaps: () => taps.approvals().map(({ person, at, counts }) => ({ person, at, counts })),
    viewRequest: () => viewOpened(opened, grantedAt),
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
      if (taps.hasErased()) await context.store.eraseRemnants()
      return outcome
    },
  }
}

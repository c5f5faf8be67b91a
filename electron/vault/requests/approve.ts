/**
 * The first round of a request whose safe makes it wait: taps, then the wait. The quorum is counted here again, whatever the
 * strongroom says; it gets no record that could be opened.
 */
import type { Entry } from '../../../shared/audit/entry.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { insist, personActor, stationActor } from '../context.ts'
import type { LoadedRecord } from '../credentials/catalogue.ts'
import type { KindCalls, Operation } from '../operations/operation.ts'
import { isRequestOver } from './deadlines.ts'
import type { WaitingMeans } from './means.ts'
import { codeOfEnd, describeEnding, describeUnopened } from './request-ending.ts'
import { createRequestTaps } from './request-taps.ts'
import { viewOpened, type OpenedRequest } from './unseal.ts'

/** A record as a first round gets it: header and seal, and nothing to open. */
export const withoutContent = (
  { primitives }: WaitingMeans['context'],
  { record, sealed, resealed }: LoadedRecord,
): Pick<JobOf<'approve'>, 'record' | 'bodyHash' | 'sealed' | 'resealed'> => ({
  record: { header: record.header, boxes: [], body: '' },
  bodyHash: toBase64Url(primitives.sha256(fromBase64Url(record.body))),
  sealed,
  resealed,
})

export type OpenedFirst = Omit<OpenedRequest, 'job'> & {
  readonly job: JobOf<'approve'>
  readonly delaySeconds: number
}

/** @throws nothing; its calls reject with REQUEST_*, TAP_*, MESSAGE_INVALID {what}, STORAGE_* */
export function createApproval(means: WaitingMeans, opened: OpenedFirst): Operation {
  const { context, waiting } = means
  const { job, safe, requester, credentialName, openedEntry, sinceOpened, delaySeconds } = opened
  const { statement, operation: id } = job
  const { request, credential, version } = statement
  const taps = createRequestTaps(means, opened)
  let phase: 'open' | 'waiting' | 'closed' = 'open'
  let overCode: ErrorCode = 'REQUEST_NOT_OPEN'

  function insistOpen(): void {
    if (phase !== 'open') throw new HalliganError(overCode)
  }

  async function close(entry: ReturnType<typeof describeUnopened>): Promise<void> {
    insistOpen()
    await context.log.append([entry])
    phase = 'closed'
    overCode = codeOfEnd(entry.type)
  }

  async function wait(approvals: string[]): Promise<void> {
    insistOpen()
    insist(taps.isGrantedBy(approvals), 'approvals')
    insist(openedEntry?.type === 'request.opened', 'opened')
    const data = { request, credential, version, approvals, delaySeconds }
    const [since] = await context.log.append([{ type: 'request.waiting', actor: personActor(requester, true), data }])
    phase = 'waiting'
    overCode = 'TAP_AFTER_QUORUM'
    waiting.add({
      ...{ statement, credentialName, opened: openedEntry, approvals, taps: taps.valid(), delaySeconds },
      since: momentOf(since),
    })
  }

  const calls: KindCalls = {
    tapAccepted: async (input) => {
      insistOpen()
      await taps.accept(input)
      return {}
    },
    waiting: async ({ approvals }) => {
      await wait(approvals)
      return {}
    },
    failed: async ({ code, custodian }) => {
      await close({ type: 'request.failed', actor: stationActor, data: { request, code, custodian } })
      return {}
    },
    windowClosed: async ({ reason }) => {
      await close(describeUnopened(request, reason, stationActor))
      return {}
    },
  }

  return {
    id,
    kind: 'approve',
    person: requester.id,
    need: safe.threshold,
    job,
    calls,
    request,
    noteHead: () => undefined,
    viewTaps: () => taps.approvals().map(({ person, at, counts }) => ({ person, at, counts })),
    viewRequest: () => viewOpened(opened, null),
    checkTime: () => (phase === 'open' && isRequestOver(sinceOpened) ? 'expired' : 'running'),
    isRevealing: () => false,
    overCode: () => overCode,
    conclude: async (ending) => {
      // However its strongroom ends now: what this was for is on the disk, and goes on without it.
      if (phase === 'waiting') return { result: 'done', code: null, detail: null }
      const about = { request, openedMs: 0, wasGranted: false, closedBy: null, recordProblem: null }
      const { entry, outcome } = describeEnding({ ending, phase, ...about })
      phase = 'closed'
      if (entry !== null) {
        overCode = codeOfEnd(entry.type)
        await context.log.append([entry])
      }
      return outcome
    },
  }
}

function momentOf(entry: Entry | undefined): Pick<Entry, 'at' | 'monotonic'> {
  insist(entry !== undefined, 'waiting')
  return { at: entry.at, monotonic: entry.monotonic }
}

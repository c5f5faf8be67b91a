/** Operations that are not requests: they end with one `operation.ended` entry. */
import type { EntryData } from '../../../shared/audit/entry.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Job } from '../../../shared/contracts/strongroom.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { VaultContext } from '../context.ts'
import { startStopwatch } from '../requests/deadlines.ts'
import type { Ending, KindCalls, Operation, Outcome } from './operation.ts'

/** A form left open must not keep what was typed into it for ever, nor the one place that an emergency needs. */
const usualLifetimeMs = 30 * 60_000

export interface PlainOperation {
  readonly id: string
  readonly kind: EntryData<'operation.ended'>['kind']
  readonly person: string | null
  readonly need: number
  readonly job: Job
  readonly calls: KindCalls
  /** True once what it was for is durable: `done` is believed only then. */
  readonly isDone: () => boolean
  readonly viewTaps?: () => OperationView['taps']
  readonly noteHead?: (head: LogHead) => void
  /** When it ends by itself (ms); half an hour where it does not say. */
  readonly lifetimeMs?: number
}

interface ConcludedOperation extends Operation {
  readonly conclude: (ending: Ending) => Promise<Outcome>
}

function judge(ending: Ending, isDone: boolean): { result: 'done' | 'cancelled' | 'failed'; code: ErrorCode | null } {
  switch (ending.by) {
    case 'strongroom':
      if (ending.result === 'done' && !isDone) return { result: 'failed', code: 'INTERNAL' }
      return { result: ending.result, code: ending.code }
    case 'person':
      return { result: 'cancelled', code: 'CANCELLED' }
    case 'clock':
      return isDone ? { result: 'done', code: null } : { result: 'failed', code: 'TAP_TIMEOUT' }
    case 'death':
      // A strongroom that died after its work was recorded has done its work.
      if (isDone) return { result: 'done', code: null }
      return ending.reason === null || ending.reason === 'strongroom-died'
        ? { result: 'failed', code: 'STRONGROOM_DIED' }
        : { result: 'cancelled', code: 'CANCELLED' }
  }
}

/** Completes `plain` to what the runner needs. It ends by itself when its time is over, by whichever clock says so first. */
export function createPlainOperation(
  { log, clock }: Pick<VaultContext, 'log' | 'clock'>,
  plain: PlainOperation,
): ConcludedOperation {
  const { id, kind, person, need, job, calls, isDone, viewTaps, noteHead, lifetimeMs = usualLifetimeMs } = plain
  const sinceStarted = startStopwatch(clock)
  return {
    id,
    kind,
    person,
    need,
    job,
    calls,
    request: null,
    viewRequest: () => null,
    viewTaps: viewTaps ?? (() => []),
    noteHead: noteHead ?? (() => undefined),
    checkTime: () => (sinceStarted.elapsedMs() >= lifetimeMs ? 'expired' : 'running'),
    isRevealing: () => false,
    overCode: () => 'OPERATION_ENDED',
    conclude: async (ending) => {
      const { result, code } = judge(ending, isDone())
      await log.append([
        { type: 'operation.ended', actor: { kind: 'station' }, data: { operation: id, kind, result, code } },
      ])
      return { result, code, detail: null }
    },
  }
}

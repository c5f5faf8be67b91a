/** One operation while it runs, and until its strongroom process is gone. */
import type { CloseReason } from '../../../shared/audit/entry.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Served } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { Operation } from './operation.ts'
import { createSerialQueue, type SerialQueue } from './serial-queue.ts'
import { createSignal, type Signal } from './signal.ts'

export interface Running {
  readonly operation: Operation
  readonly queue: SerialQueue
  readonly refusals: { code: ErrorCode; person: string | null; at: string }[]
  /** The strongroom's port has closed: it has said its last word. */
  readonly silent: Signal
  /** Main says that the process and its pages are gone. */
  readonly gone: Signal
  stage: OperationView['stage']
  have: number
  need: number
  served: Served<typeof strongroomContract> | null
  endAsked: CloseReason | null
  over: boolean
}

/** `operation` before its strongroom has said anything. */
export const createRunning = (operation: Operation): Running => ({
  operation,
  queue: createSerialQueue(),
  refusals: [],
  silent: createSignal(),
  gone: createSignal(),
  stage: 'starting',
  have: 0,
  need: operation.need,
  served: null,
  endAsked: null,
  over: false,
})

/** What the app window shows of it. */
export const viewRunning = ({ operation, stage, have, need, refusals }: Running): OperationView => ({
  id: operation.id,
  kind: operation.kind,
  stage,
  person: operation.person,
  have,
  need,
  taps: operation.viewTaps(),
  refusals: [...refusals],
  request: operation.viewRequest(),
})

/**
 * Writes exports beside whatever else the app does, one at a time: a stick that is slow or hangs must not hold the one place that
 * an emergency needs.
 */
import { toTimestamp, type Clock } from '../../../shared/clock.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import type { Outcome } from '../operations/operation.ts'
import { createSignal, waitAtMost, type Signal } from '../operations/signal.ts'

/** How long the end of the app waits for an export to be taken away: longer than a disk that works, not for one that hangs. */
const closeGraceMs = 5000

/** One signed export that is to be written. */
export interface ExportWork {
  /** Id of the operation in which it was signed. */
  readonly operation: string
  readonly folder: string
  /** Writes and records it; after `stop` it leaves nothing and throws CANCELLED. @returns where it is */
  readonly write: (stop: AbortSignal) => Promise<string>
  /** Appends how it ended. */
  readonly record: (outcome: Outcome) => Promise<void>
}

export interface Exporter {
  /**
   * The system's folder dialog, once at a time and only while nothing is written; null when it was cancelled.
   * @throws HalliganError OPERATION_BUSY
   */
  readonly chooseFolder: () => Promise<string | null>
  /** Begins to write, and returns. @throws HalliganError OPERATION_BUSY */
  readonly begin: (work: ExportWork) => void
  /** Has it stopped and taken away, unless it is recorded already. @throws HalliganError OPERATION_UNKNOWN */
  readonly cancel: (operation: string) => void
  /** As {@link cancel} for whatever is written, for good: the app closes. */
  readonly close: () => Promise<void>
  /** What is being written. */
  readonly view: () => AppState['exporting']
  /** How the last one ended. */
  readonly ended: () => AppState['exported']
  /** Its end has been read: another thing starts. */
  readonly forgetEnd: () => void
}

interface Writing {
  readonly work: ExportWork
  readonly stop: AbortController
  readonly over: Signal
}

async function write({ work, stop }: Writing): Promise<Outcome> {
  try {
    const path = await work.write(stop.signal)
    return { result: 'done', code: null, detail: path.slice(0, 4096) }
  } catch (error) {
    const { code, detail } = asHalliganError(error)
    if (code === 'CANCELLED') return { result: 'cancelled', code, detail: null }
    return { result: 'failed', code, detail: typeof detail['reason'] === 'string' ? detail['reason'] : null }
  }
}

/** @param ask the system's folder dialog */
export function createExporter(clock: Clock, ask: () => Promise<string | null>, onChange: () => void): Exporter {
  let isChoosing = false
  let isClosed = false
  let writing: Writing | null = null
  let ended: AppState['exported'] = null

  function requireIdle(): void {
    if (writing !== null || isClosed) throw new HalliganError('OPERATION_BUSY')
  }

  async function run(now: Writing): Promise<void> {
    const { work, over } = now
    const outcome = await write(now)
    // That it cannot be recorded (disk full) does not change what is in the folder.
    await work.record(outcome).catch(() => undefined)
    writing = null
    ended = { operation: work.operation, kind: 'export', at: toTimestamp(clock.wall()), ...outcome }
    over.raise()
    onChange()
  }

  return {
    chooseFolder: async () => {
      requireIdle()
      if (isChoosing) throw new HalliganError('OPERATION_BUSY')
      isChoosing = true
      try {
        return await ask()
      } finally {
        isChoosing = false
      }
    },
    begin: (work) => {
      requireIdle()
      writing = { work, stop: new AbortController(), over: createSignal() }
      ended = null
      void run(writing)
      onChange()
    },
    cancel: (operation) => {
      if (writing?.work.operation !== operation) throw new HalliganError('OPERATION_UNKNOWN')
      writing.stop.abort()
      onChange()
    },
    close: async () => {
      isClosed = true
      if (writing === null) return
      writing.stop.abort()
      await waitAtMost(writing.over, closeGraceMs)
    },
    view: () => {
      if (writing === null) return null
      const { work, stop } = writing
      return { operation: work.operation, folder: work.folder, stopping: stop.signal.aborted }
    },
    ended: () => ended,
    forgetEnd: () => {
      ended = null
    },
  }
}

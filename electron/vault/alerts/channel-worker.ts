/**
 * One channel's alerts, one after the other in the order of their entries: sent, noted in the log, taken out of the outbox. What
 * is not taken is tried again, for as long as it takes. Nothing of a request ever waits for this.
 */
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { ChannelSettings, AlertMessage } from '../../../shared/domain/alert.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { backOffMs } from '../sync/back-off.ts'
import type { Timers } from '../sync/timers.ts'
import type { OutboxRow } from './outbox.ts'

/** What became of an alert. Resolves when it is on record and settled in the outbox. */
export interface AlertNotes {
  readonly delivered: (row: OutboxRow, attempts: number, receipt: string | null) => Promise<void>
  readonly failed: (row: OutboxRow, attempts: number, code: ErrorCode, final: boolean) => Promise<void>
}

export interface ChannelMeans {
  readonly settings: ChannelSettings
  readonly next: () => Promise<OutboxRow | null>
  /** @throws HalliganError LOG_INVALID when the entry cannot be read any more */
  readonly compose: (row: OutboxRow) => Promise<AlertMessage>
  /** Always ends. @throws HalliganError CHANNEL_*, PORT_CLOSED */
  readonly send: (message: AlertMessage) => Promise<{ readonly receipt: string | null }>
  /** What is under way ends soon. */
  readonly reset: () => void
  readonly notes: AlertNotes
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The channel is not in the manifest any more: what waits for it is given up after a few tries. */
  readonly isRemoved: boolean
  readonly onChange: () => void
}

export interface ChannelWorker {
  /** There may be something to send. */
  readonly wake: () => void
  /** The network is back, or a person wants it: what is waited for is tried now. */
  readonly hurry: () => void
  readonly view: () => Pick<ChannelView, 'state' | 'problem'> & { readonly nextAtMs: number | null }
  /** Tries of the alert that is being sent. */
  readonly attempts: (row: Pick<OutboxRow, 'cause'>) => number
  readonly stop: () => void
}

/** No receiver may silence us for longer, whatever it asks. */
const retryAfterMaxMs = 3_600_000
const removedTries = 5

/** Never tried again: it would be refused again. An entry that cannot be read any more makes no alert. */
const isFinal: ReadonlySet<ErrorCode> = new Set(['CHANNEL_REFUSED', 'LOG_INVALID'])

/** Sent, and not yet on record. */
interface Taken {
  readonly row: OutboxRow
  readonly receipt: string | null
}

export function createChannelWorker(means: ChannelMeans): ChannelWorker {
  const { settings, notes, timers, random, now, onChange } = means
  let running = false
  let again = false
  let stopped = false
  let hurried = false
  let failures = 0
  let problem: ChannelView['problem'] = null
  let cancelWait: (() => void) | null = null
  let nextAtMs: number | null = null
  /** Tries of the alert with number `cause`. */
  let tried = { cause: -1, attempts: 0, failed: false }
  let taken: Taken | null = null

  // Read through functions: they may have changed across an await, which the compiler does not expect of a variable.
  const isStopped = (): boolean => stopped
  const isWaiting = (): boolean => cancelWait !== null

  const isGivenUp = (code: ErrorCode): boolean => isFinal.has(code) || (means.isRemoved && failures >= removedTries)

  async function noteTaken({ row, receipt }: Taken): Promise<void> {
    await notes.delivered(row, tried.attempts, receipt)
    taken = null
    failures = 0
    problem = null
  }

  /** @returns false when nothing waits */
  async function sendNext(): Promise<boolean> {
    // It is not sent twice only because the disk was full.
    if (taken !== null) await noteTaken(taken)
    const row = await means.next()
    if (row === null || isStopped()) return false
    if (tried.cause !== row.cause) tried = { cause: row.cause, attempts: row.attempts, failed: row.failed }
    tried.attempts++
    try {
      const { receipt } = await means.send(await means.compose(row))
      taken = { row, receipt }
    } catch (error) {
      const { code } = asHalliganError(error)
      failures++
      if (isGivenUp(code)) {
        await notes.failed(row, tried.attempts, code, true)
        failures = 0
        problem = null
        return true
      }
      if (!tried.failed) {
        await notes.failed(row, tried.attempts, code, false)
        tried.failed = true
      }
      throw error
    }
    await noteTaken(taken)
    return true
  }

  function wait(error: unknown): void {
    const { code, detail } = asHalliganError(error)
    problem = { code, detail: { ...detail, channel: settings.name } }
    if (isStopped()) return
    if (hurried) {
      // It failed because it was hurried, or could have: the real try comes now.
      hurried = false
      again = true
      return
    }
    const asked = typeof detail['retryAfterMs'] === 'number' ? detail['retryAfterMs'] : 0
    const ms = Math.max(backOffMs(code, Math.max(1, failures), random()), Math.min(asked, retryAfterMaxMs))
    nextAtMs = now() + ms
    cancelWait = timers.after(ms, () => {
      cancelWait = null
      nextAtMs = null
      run()
    })
  }

  async function runOnce(): Promise<void> {
    try {
      while (!isStopped() && (await sendNext())) onChange()
    } catch (error) {
      wait(error)
    } finally {
      hurried = false
    }
  }

  function run(): void {
    if (stopped || cancelWait !== null) return
    again = true
    if (running) return
    running = true
    void (async () => {
      while (again && !isWaiting() && !isStopped()) {
        again = false
        await runOnce()
      }
      running = false
      onChange()
    })()
  }

  return {
    wake: run,
    hurry: () => {
      cancelWait?.()
      cancelWait = null
      nextAtMs = null
      // A connection from before may wait for an answer that never comes.
      hurried = running
      if (running) means.reset()
      run()
    },
    view: () => ({ state: problem !== null ? 'waiting' : running ? 'sending' : 'idle', problem, nextAtMs }),
    attempts: ({ cause }) => (tried.cause === cause ? tried.attempts : 0),
    stop: () => {
      stopped = true
      cancelWait?.()
      cancelWait = null
    },
  }
}

/** `work`, or CHANNEL_UNREACHABLE after `ms`: whoever should have ended it did not. */
export async function endAfter<T>(timers: Timers, ms: number, work: Promise<T>): Promise<T> {
  let cancel = (): void => undefined
  const late = new Promise<never>((_, reject) => {
    cancel = timers.after(ms, () => reject(new HalliganError('CHANNEL_UNREACHABLE', { reason: 'no-answer' })))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}

/**
 * When `sync.acknowledged` is written: once for a burst, when it has been quiet for a moment, and never because of such entries
 * alone. Each is itself delivered; an entry about every delivery would never come to an end.
 */
import type { LogHead } from '../../../shared/domain/statements.ts'
import type { Timers } from './timers.ts'

const quietMs = 5_000
/** In a long busy time, at most one in this time, and at least one. */
const mostMs = 600_000

export interface Acknowledgements {
  /** A sink has caught up. */
  readonly note: (head: LogHead, hasNews: boolean) => void
  readonly stop: () => void
}

/** @param isBusy something is on its way to the sink */
export function createAcknowledgements(
  timers: Timers,
  monotonic: () => number,
  write: (head: LogHead) => void,
  isBusy: () => boolean,
): Acknowledgements {
  let due: { readonly since: number; latest: LogHead; cancel: () => void } | null = null
  const leftMs = (since: number): number => Math.max(0, since + mostMs - monotonic())
  function settle(): void {
    if (due === null) return
    const left = leftMs(due.since)
    // It does not have everything now: a delivery that takes longer than the quiet would make every delivery a burst of its own.
    if (isBusy() && left > 0) {
      due.cancel = timers.after(Math.min(quietMs, left), settle)
      return
    }
    const { latest } = due
    due = null
    write(latest)
  }
  return {
    note: (latest, hasNews) => {
      if (due === null) {
        if (hasNews) due = { since: monotonic(), latest, cancel: timers.after(quietMs, settle) }
        return
      }
      due.latest = latest
      if (!hasNews) return
      due.cancel()
      due.cancel = timers.after(Math.min(quietMs, leftMs(due.since)), settle)
    },
    stop: () => {
      due?.cancel()
      due = null
    },
  }
}

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

export function createAcknowledgements(
  timers: Timers,
  monotonic: () => number,
  write: (head: LogHead) => void,
): Acknowledgements {
  let due: { readonly since: number; latest: LogHead; cancel: () => void } | null = null
  const settle = (): void => {
    const settled = due
    due = null
    if (settled !== null) write(settled.latest)
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
      const left = due.since + mostMs - monotonic()
      due.cancel = timers.after(Math.max(0, Math.min(quietMs, left)), settle)
    },
    stop: () => {
      due?.cancel()
      due = null
    },
  }
}

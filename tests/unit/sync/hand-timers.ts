/** Timers that a test moves by hand, and a way to wait for what happens between them. */
import type { Timers } from '../../../electron/vault/sync/timers.ts'

export interface HandTimers extends Timers {
  readonly now: () => number
  /** Runs what is due within `ms`, in order. */
  readonly pass: (ms: number) => void
  readonly pending: () => number
}

export function createHandTimers(): HandTimers {
  let now = 0
  let next = 0
  let waiting: { readonly id: number; readonly at: number; readonly then: () => void }[] = []
  return {
    after: (ms, then) => {
      const id = next++
      waiting.push({ id, at: now + ms, then })
      return () => {
        waiting = waiting.filter((one) => one.id !== id)
      }
    },
    now: () => now,
    pass: (ms) => {
      const end = now + ms
      for (;;) {
        const [first] = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)
        if (first === undefined) break
        waiting = waiting.filter(({ id }) => id !== first.id)
        now = Math.max(now, first.at)
        first.then()
      }
      now = end
    },
    pending: () => waiting.length,
  }
}

/** A few turns of the event loop, in which messages between ports and the database come through. */
export const breathe = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

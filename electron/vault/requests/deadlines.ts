/** When a request and its window are over: as soon as either clock says so. Stopping or setting back one does not help. */
import type { Clock } from '../../../shared/clock.ts'
import { limits } from '../../../shared/limits.ts'

/** The strongroom ends the window itself; this much later it is ended from here. */
const windowGraceMs = 5000

export interface Stopwatch {
  readonly startedAt: { readonly wall: number; readonly monotonic: number }
  /** Milliseconds since the start, by whichever clock says more. */
  readonly elapsedMs: () => number
}

export function startStopwatch(clock: Clock): Stopwatch {
  const startedAt = { wall: clock.wall(), monotonic: clock.monotonic() }
  return {
    startedAt,
    elapsedMs: () => Math.max(clock.wall() - startedAt.wall, clock.monotonic() - startedAt.monotonic),
  }
}

/** How long an opened request waits for its quorum. */
export const requestLifetimeMs = limits.requestLifetimeSeconds * 1000

export const isRequestOver = (sinceOpened: Stopwatch): boolean => sinceOpened.elapsedMs() >= requestLifetimeMs

export const isWindowOverdue = (sinceGranted: Stopwatch, windowSeconds: number): boolean =>
  sinceGranted.elapsedMs() >= windowSeconds * 1000 + windowGraceMs

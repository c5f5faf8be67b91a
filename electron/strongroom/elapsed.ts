/** How much time has really passed, when either clock may lie. */
import type { Clock } from '../../shared/clock.ts'

/** Wall clock further behind than this against the monotonic one (ms) means that it was set back. */
const setBackMs = 1000

/**
 * Counts milliseconds from now: the larger of what the two clocks say, never less than it said before. The monotonic
 * clock stands still in sleep on Linux, so the wall clock counts; the wall clock can be set, so the monotonic counts.
 */
export function startElapsed(clock: Clock): () => number {
  let wallStart = clock.wall()
  const monotonicStart = clock.monotonic()
  let most = 0
  return () => {
    const monotonic = clock.monotonic() - monotonicStart
    const behind = monotonic - (clock.wall() - wallStart)
    // Set back an hour and then put to sleep for half of one: count the wall clock from where it was set to.
    if (behind > setBackMs) wallStart -= behind
    most = Math.max(most, monotonic, clock.wall() - wallStart)
    return most
  }
}

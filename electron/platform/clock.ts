/** The one file that reads the machine's clocks. */
import type { Clock } from '../../shared/clock.ts'

/** Wall clock of the system and the monotonic clock of this process. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => Math.floor(performance.now()),
}

/** Time as it is handed in. `monotonic` never goes back (but may stand still in sleep); `wall` is what people read. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly wall: () => number
  /** Milliseconds since an arbitrary start, integer, never decreasing. */
  readonly monotonic: () => number
}

/** `2026-11-23T14:02:10.123Z` for wall-clock milliseconds: the only time format in stored and exported bytes. */
export const toTimestamp = (wallMs: number): string => new Date(wallMs).toISOString()

/** Waiting, handed in so that tests move time by hand. */
export interface Timers {
  /** Runs `then` once after `ms`; the returned function takes that back. */
  readonly after: (ms: number, then: () => void) => () => void
}

/** The system's timers; none keeps the process alive. */
export const systemTimers: Timers = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
}

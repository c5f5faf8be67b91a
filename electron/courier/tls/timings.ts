/** How long a sink waits for the other side. Tests shorten it. */
export interface SinkTimings {
  /** To be connected and let in, milliseconds. */
  readonly connectMs: number
  /** For the answer to one batch, milliseconds. */
  readonly answerMs: number
}

/** A slow line and a busy server are no failure. Shorter than the courier's own patience, so that the better reason wins. */
export const usualTimings: SinkTimings = { connectMs: 10_000, answerMs: 25_000 }

/**
 * The page's clock, for counting down on screen only. It decides nothing: when a window or a request ends is decided
 * outside the renderers.
 */

/** Milliseconds since the Unix epoch as this page reckons them; a change of the wall clock does not move it. */
export const pageNow = (): number => performance.timeOrigin + performance.now()

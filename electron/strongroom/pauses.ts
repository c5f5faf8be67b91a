/** Pauses for people, in ms. Nothing depends on them but eyes and ears; tests set them to nothing. */
export interface Pauses {
  /** How long the confirmation of an accepted tap stays before its page is closed. */
  readonly afterAccepted: number
  /** Before the next touch is asked for after a refused one. */
  readonly afterRefused: number
  /** First pause after a touch that failed at once; doubles up to `longestBackOff`, so that nothing ever spins. */
  readonly firstBackOff: number
  readonly longestBackOff: number
}

export const humanPauses: Pauses = { afterAccepted: 600, afterRefused: 400, firstBackOff: 500, longestBackOff: 10_000 }
export const noPauses: Pauses = { afterAccepted: 0, afterRefused: 0, firstBackOff: 1, longestBackOff: 100 }

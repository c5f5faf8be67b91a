/** Where a command writes: results to stdout, trouble to stderr. Handed in, so that tests read it. */
export interface Output {
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  /** For what is overwritten again and again; absent when nobody is at a terminal. */
  readonly writeProgress?: (text: string) => void
}

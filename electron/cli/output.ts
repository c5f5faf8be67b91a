/** Where a command writes: results to stdout, trouble to stderr. Handed in, so that tests read it. */
export interface Output {
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
}

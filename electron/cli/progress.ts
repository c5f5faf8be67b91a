/** A progress bar for people at a terminal; nobody else sees it. */
const width = 30

export interface ProgressBar {
  /** @param fraction from 0 to 1 */
  readonly show: (fraction: number, entries: number) => void
  /** Takes the bar away again. */
  readonly clear: () => void
}

/** @param write to the terminal; null when there is none */
export function createProgressBar(write: ((text: string) => void) | null): ProgressBar {
  let shown = ''
  return {
    show: (fraction, entries) => {
      const percent = Math.min(100, Math.floor(fraction * 100))
      const filled = Math.floor((percent * width) / 100)
      const bar = `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`
      const text = `[${bar}] ${String(percent).padStart(3)} %  ${entries.toLocaleString('en')} entries`
      // A terminal is slow: only what changed visibly.
      if (write === null || text === shown) return
      shown = text
      write(`\r${text}`)
    },
    clear: () => {
      if (write !== null && shown !== '') write(`\r${' '.repeat(shown.length)}\r`)
      shown = ''
    },
  }
}

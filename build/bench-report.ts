/** What a benchmark hands in and how it is shown. */
import { cpus, release, totalmem } from 'node:os'

/** One figure. `against` is the yardstick measured in the same run, `ratio` the figure over it. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly against?: number
  readonly ratio?: number
  /** What we promise, in words: `<= 500 ms`. */
  readonly target?: string
  readonly met?: boolean
}

/** The default export of every `tests/bench/*.bench.ts`. */
export interface Bench {
  readonly name: string
  readonly run: () => Promise<BenchRow[]>
}

/** Where the figures were taken: they mean nothing without it. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
}

/** This machine. */
export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.versions.node,
  }
}

function showNumber(value: number | undefined): string {
  if (value === undefined) return ''
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }).format(value)
}

function showRow(row: BenchRow): string[] {
  const verdict = row.met === undefined ? '' : row.met ? 'met' : 'MISSED'
  return [
    row.name,
    `${showNumber(row.value)} ${row.unit}`,
    row.against === undefined ? '' : `${showNumber(row.against)} ${row.unit}`,
    row.ratio === undefined ? '' : `${showNumber(row.ratio)}x`,
    row.target ?? '',
    verdict,
  ]
}

/** A plain-text table of `rows`. */
export function showTable(rows: readonly BenchRow[]): string {
  const cells = [['', 'value', 'against', 'ratio', 'target', ''], ...rows.map(showRow)]
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')
  return cells.map((row) => line(row).trimEnd()).join('\n')
}

/** The log as a table for spreadsheets: RFC 4180, UTF-8 with a byte order mark, one record per entry. */
import { utf8 } from '../../../shared/bytes.ts'
import type { ReportRow } from './report-rows.ts'

/**
 * What a spreadsheet may take for a formula, also behind white space and invisible marks: a reason like `=HYPERLINK(…)` must
 * stay text on the auditor's machine (OWASP, "CSV injection"). The full-width forms count in some locales.
 */
const formulaStart = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

/** One cell: an apostrophe before what could be a formula, quoted where RFC 4180 (section 2, 6 and 7) wants it. */
export function csvCell(text: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const columns: readonly (readonly [heading: string, of: (row: ReportRow) => string])[] = [
  ['Entry', ({ seq }) => String(seq)],
  ['Time (UTC)', ({ at }) => at],
  ['Person', ({ person }) => person],
  ['Event', ({ kind }) => kind],
  ['What happened', ({ sentence }) => sentence],
  ['Credential', ({ credential }) => credential],
  ['Request', ({ request }) => request],
  ['Reason', ({ reason }) => reason],
  ['Incident', ({ incident }) => incident],
  ['Result', ({ result }) => result],
]

/** One record with its line end. */
export const csvRecord = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** Byte order mark and headings: without the mark spreadsheets read names in another alphabet as rubbish. */
export const csvHead = (): Uint8Array<ArrayBuffer> => utf8(`\uFEFF${csvRecord(columns.map(([heading]) => heading))}`)

export const csvRows = (rows: readonly ReportRow[]): Uint8Array<ArrayBuffer> =>
  utf8(rows.map((row) => csvRecord(columns.map(([, of]) => of(row)))).join(''))

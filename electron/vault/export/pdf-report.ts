/**
 * The report for people: a tagged PDF with a cover that says what it is and how to check it, then what happened, grouped by
 * request. It proves nothing by itself and says so.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatNumber } from '../../../shared/quantities.ts'
import type { WriteBytes } from './export-target.ts'
import { createPdfPages, type PdfFonts, type PdfPages } from './pdf-pages.ts'
import type { ReportRow } from './report-rows.ts'

/** More would be read by nobody on paper, and takes the vault process's time: the table has them. */
export const pdfRowsMax = 2000
/** Rows drawn before others get their turn: an emergency must not wait for a report. */
const rowsPerTurn = 5

export interface ReportFacts {
  readonly vaultName: string
  readonly stationName: string
  readonly vault: string
  readonly station: string
  readonly at: string
  readonly atMs: number
  /** Who signed for the export by name, or null. */
  readonly signedBy: string | null
  /** What was asked for, in a few words. */
  readonly selection: string
  readonly isPart: boolean
  readonly head: { readonly size: number; readonly root: string }
  readonly words: readonly string[]
  /** Entries in the export. */
  readonly entries: number
}

/** `2026-11-23 14:02:10`, as it is in the log: UTC. */
const readableTime = (at: string): string => at.slice(0, 19).replace('T', ' ')

interface Group {
  readonly heading: string
  readonly note: string
  readonly rows: ReportRow[]
}

/** Entries of one request stand together, where the first of them was; the others in between as they came. */
function groupRows(rows: readonly ReportRow[]): Group[] {
  const groups: Group[] = []
  const byRequest = new Map<string, Group>()
  let other: Group | null = null
  for (const row of rows) {
    if (row.request === '') {
      if (other === null) groups.push((other = { heading: 'Other events', note: '', rows: [] }))
      other.rows.push(row)
      continue
    }
    let group = byRequest.get(row.request)
    if (group === undefined) {
      const incident = row.incident === '' ? '' : ` (${row.incident})`
      const heading = `Request for “${row.credential === '' ? 'a credential' : row.credential}”${incident}`
      group = { heading, note: row.reason === '' ? '' : `Reason: ${row.reason}`, rows: [] }
      byRequest.set(row.request, group)
      groups.push(group)
      other = null
    }
    group.rows.push(row)
  }
  return groups
}

function drawCover(pages: PdfPages, facts: ReportFacts, rows: readonly ReportRow[]): void {
  const first = rows[0]?.at ?? ''
  const last = rows.at(-1)?.at ?? ''
  pages.title('Audit log report', facts.vaultName)
  pages.facts([
    ['Vault', `${facts.vaultName} (${facts.vault})`],
    ['Station', `${facts.stationName} (${facts.station})`],
    ['Exported', `${readableTime(facts.at)} UTC`],
    ['Signed by', facts.signedBy ?? 'nobody: it was made with the command line'],
    ['What was asked for', facts.selection],
    ['Entries in this export', formatNumber(facts.entries)],
    ['First and last of them', first === '' ? 'none' : `${readableTime(first)} to ${readableTime(last)} UTC`],
    ['Head of the log', `${formatNumber(facts.head.size)} entries`],
    ['Head in words', facts.words.join(' ')],
    ['Root', facts.head.root],
  ])
  pages.heading('How to verify')
  pages.paragraph(
    'This report is for reading. It proves nothing by itself: believe what the verification of the files beside it says.',
  )
  pages.list([
    'Open verify.html from this export in any browser, or run “node verify.mjs” on the export’s folder or file. Neither needs a network.',
    'If you have a reason to distrust whoever gave you this export, take the verifier from elsewhere: one that comes with the evidence proves nothing.',
    'Give it a checkpoint of this log that you received earlier by another way. Without one it can say whether this copy is unchanged, but not whether it is all there.',
    'Compare the four words above with those that somebody read out or wrote down.',
  ])
  if (facts.isPart) {
    pages.paragraph(
      'This export is a part of the log. It also shows the entries without which those asked for could not be checked. What happened between the entries shown is not in it.',
    )
  }
  pages.paragraph('Times are those of the station’s clock, in UTC. Where that clock was changed, the log says so.')
}

/**
 * Writes the report.
 * @param rows the newest rows, oldest first, at most {@link pdfRowsMax}
 * @param total how many there are in the export
 */
export async function writePdfReport(
  fonts: PdfFonts,
  facts: ReportFacts,
  rows: readonly ReportRow[],
  total: number,
  write: WriteBytes,
): Promise<void> {
  const pages = await createPdfPages(fonts, {
    title: `Audit log report: ${facts.vaultName}`,
    footer: `${facts.vaultName}, audit log report, ${readableTime(facts.at)} UTC`,
    atMs: facts.atMs,
  })
  const written = pages.writeTo(write)
  // Looked at below; were it to fail before, that must not end the process.
  written.catch(() => undefined)
  drawCover(pages, facts, rows)
  pages.newPage()
  pages.heading('What happened')
  if (total > rows.length) {
    pages.paragraph(
      `Shown are the newest ${formatNumber(rows.length)} of ${formatNumber(total)} entries. The table report.csv has all of them.`,
    )
  }
  let drawn = 0
  for (const group of groupRows(rows)) {
    pages.beginTable(group.heading, group.note, ['Time (UTC)', 'Who', 'What happened', 'Result'])
    for (const row of group.rows) {
      pages.row([readableTime(row.at), row.person, row.sentence, row.result])
      if (++drawn % rowsPerTurn === 0) await nextTurn()
    }
    pages.endTable()
  }
  if (rows.length === 0) pages.paragraph('Nothing.')
  pages.end()
  await written
}

/** The table and the report of an export, in one reading of its entries. */
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { createCeremonyTable } from './ceremony-rows.ts'
import { csvHead, csvRows } from './csv.ts'
import type { ExportKit } from './export-kit.ts'
import type { ExportTarget, WrittenFile } from './export-target.ts'
import type { EntryBatch } from './exported-entries.ts'
import { pdfRowsMax, writePdfReport, type ReportFacts } from './pdf-report.ts'
import { createRowReader, type ReportRow, type RowReader } from './report-rows.ts'

export const reportFiles = { table: 'report.csv', ceremonies: 'ceremonies.csv', report: 'report.pdf' } as const

const readable = (at: string): string => at.slice(0, 19).replace('T', ' ')

/** What was asked for, in words. */
function describeSelection(selection: Selection | null, names: Pick<RowReader, 'person' | 'credential'>): string {
  switch (selection?.kind) {
    case undefined:
      return 'The whole log'
    case 'period':
      return `From ${readable(selection.from)} to ${readable(selection.to)} UTC`
    case 'credential':
      return `Everything about “${names.credential(selection.credential)}”`
    case 'person':
      return `Everything about ${names.person(selection.person)}`
  }
}

export interface ReportWish {
  readonly chain: readonly SignedManifest[]
  readonly selection: Selection | null
  readonly entries: () => AsyncIterable<EntryBatch>
  readonly facts: Omit<ReportFacts, 'selection'>
  readonly kit: ExportKit | null
}

/** Adds them to `target`, the table of ceremonies only where there were some (the PDF only with a kit: it needs the fonts). @returns the facts, with what was asked for in words */
export async function addReports(
  target: ExportTarget,
  { chain, selection, entries, facts, kit }: ReportWish,
): Promise<{ readonly facts: ReportFacts; readonly files: readonly WrittenFile[] }> {
  const reader = createRowReader(chain)
  const ceremonies = createCeremonyTable(nodePrimitives, reader.person)
  let newest: ReportRow[] = []
  let place = 0
  const table = await target.add(reportFiles.table, async (write) => {
    await write(csvHead())
    for await (const batch of entries()) {
      const rows = batch.map((bytes) => {
        const row = reader.read(bytes, place++)
        ceremonies.take(bytes, row.kind)
        return row
      })
      newest = [...newest, ...rows].slice(-pdfRowsMax)
      await write(csvRows(rows))
    }
  })
  const ceremonyBytes = ceremonies.finish()
  // Where none was held there is nothing to list.
  const tables =
    ceremonyBytes === null
      ? [table]
      : [table, await target.add(reportFiles.ceremonies, (write) => write(ceremonyBytes))]
  const whole = { ...facts, selection: describeSelection(selection, reader) }
  if (kit === null) return { facts: whole, files: tables }
  const fonts = await kit.fonts()
  const report = await target.add(reportFiles.report, (write) => writePdfReport(fonts, whole, newest, place, write))
  return { facts: whole, files: [...tables, report] }
}

/** Pages of the report: fonts, headings, paragraphs and tables, tagged so that screen readers can follow (PDF/UA). */
import type { WriteBytes } from './export-target.ts'
import { toPrintable, type HasGlyph } from './pdf-text.ts'

/** Font files, as bytes. */
export interface PdfFonts {
  readonly regular: Buffer
  readonly bold: Buffer
}

interface PdfFrame {
  readonly title: string
  readonly footer: string
  /** Wall-clock milliseconds: the only time in the file, so that the same input makes the same bytes. */
  readonly atMs: number
}

export interface PdfPages {
  readonly title: (title: string, subtitle: string) => void
  readonly facts: (facts: readonly (readonly [name: string, value: string])[]) => void
  readonly heading: (text: string) => void
  readonly paragraph: (text: string) => void
  readonly list: (items: readonly string[]) => void
  readonly newPage: () => void
  readonly beginTable: (heading: string, note: string, columns: readonly string[]) => void
  readonly row: (cells: readonly string[]) => void
  readonly endTable: () => void
  readonly end: () => void
  /** Resolves when everything has been handed to `write`. */
  readonly writeTo: (write: WriteBytes) => Promise<void>
}

const margin = { top: 56, bottom: 56, left: 44, right: 44 }
const ink = '#1a1e22'
const soft = '#474e55'
const line = '#cfcdc4'
const size = { title: 24, subtitle: 13, heading: 14, group: 10, text: 10, cell: 8, foot: 8 }
/** Width of the columns, as parts of the whole; and what is free between two. */
const widths = [0.17, 0.18, 0.47, 0.18]
const gutter = 8
const cellPadding = 3

export async function createPdfPages(fonts: PdfFonts, frame: PdfFrame): Promise<PdfPages> {
  // Loaded only when a report is made: it is larger than everything else in this process.
  const { default: PDFDocument } = await import('pdfkit')
  const doc = new PDFDocument({
    size: 'A4',
    margins: margin,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en-GB',
    displayTitle: true,
    // PDF/UA and every viewer alike: nothing is left to fonts of the reader's machine.
    ...({ subset: 'PDF/UA' } as object),
    // None to begin with (PDFKit would read its own Helvetica). Nor one of ours: the same font under a second name is never cached,
    // and each change to it would parse the file again.
    font: null as unknown as string,
    info: { Title: frame.title, Producer: 'Halligan', Creator: 'Halligan', CreationDate: new Date(frame.atMs) },
  })
  doc.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold).font('regular')
  const glyphs = (doc as unknown as { _font: { font: { hasGlyphForCodePoint: HasGlyph } } })._font.font
  const printable = (text: string): string => toPrintable(text, (code) => glyphs.hasGlyphForCodePoint(code))

  const left = margin.left
  const width = doc.page.width - margin.left - margin.right
  const bottom = doc.page.height - margin.bottom
  const columns = widths.map((share, at) => ({
    x: left + width * widths.slice(0, at).reduce((sum, part) => sum + part, 0),
    width: width * share - gutter,
  }))
  const root = doc.struct('Document')
  doc.addStructure(root)
  let table: PDFKit.PDFStructureElement | null = null
  let headings: readonly string[] = []

  const set = (font: 'regular' | 'bold', points: number, colour = ink): void => {
    doc.font(font).fontSize(points).fillColor(colour)
  }
  /** A block of text of its own kind, the whole width. */
  const block = (kind: string, draw: () => void): void => {
    root.add(doc.struct(kind, {}, draw))
  }
  const ensureRoom = (height: number): boolean => {
    if (doc.y + height <= bottom) return false
    doc.addPage()
    doc.y = margin.top
    return true
  }
  const heightOf = (cells: readonly string[]): number =>
    Math.max(...cells.map((cell, at) => doc.heightOfString(cell, { width: columns[at]?.width ?? width })))

  function drawRow(kind: 'TH' | 'TD', cells: readonly string[]): void {
    const owner = table
    if (owner === null) return
    set(kind === 'TH' ? 'bold' : 'regular', size.cell, kind === 'TH' ? soft : ink)
    const height = heightOf(cells) + 2 * cellPadding
    if (ensureRoom(height) && kind === 'TD') drawRow('TH', headings)
    set(kind === 'TH' ? 'bold' : 'regular', size.cell, kind === 'TH' ? soft : ink)
    const top = doc.y + cellPadding
    const row = doc.struct('TR')
    owner.add(row)
    for (const [at, cell] of cells.entries()) {
      const column = columns[at]
      if (column === undefined) continue
      row.add(doc.struct(kind, {}, () => doc.text(cell === '' ? ' ' : cell, column.x, top, { width: column.width })))
    }
    row.end()
    doc.x = left
    doc.y = top + height - cellPadding
    doc.markContent('Artifact', { type: 'Layout' })
    doc
      .moveTo(left, doc.y)
      .lineTo(left + width, doc.y)
      .lineWidth(0.5)
      .strokeColor(line)
      .stroke()
    doc.endMarkedContent()
  }

  function drawFooters(): void {
    const { start, count } = doc.bufferedPageRange()
    for (let at = 0; at < count; at++) {
      doc.switchToPage(start + at)
      doc.page.margins.bottom = 0
      set('regular', size.foot, soft)
      doc.markContent('Artifact', { type: 'Pagination' })
      const y = doc.page.height - 36
      doc.text(printable(frame.footer), left, y, { width: width * 0.75, lineBreak: false, ellipsis: true })
      doc.text(`Page ${String(at + 1)} of ${String(count)}`, left, y, { width, align: 'right', lineBreak: false })
      doc.endMarkedContent()
    }
  }

  return {
    title: (title, subtitle) => {
      doc.y = 96
      set('bold', size.title)
      block('H1', () => doc.text(printable(title), left))
      set('regular', size.subtitle, soft)
      block('P', () => doc.text(printable(subtitle), left))
      doc.moveDown(1.5)
    },
    facts: (facts) => {
      const nameWidth = 150
      for (const [name, value] of facts) {
        const text = printable(value)
        set('regular', size.text)
        const height = doc.heightOfString(text, { width: width - nameWidth })
        ensureRoom(height)
        const top = doc.y
        const paragraph = doc.struct('P')
        root.add(paragraph)
        set('regular', size.text, soft)
        paragraph.add(doc.struct('Span', {}, () => doc.text(printable(name), left, top, { width: nameWidth - gutter })))
        set('regular', size.text)
        paragraph.add(doc.struct('Span', {}, () => doc.text(text, left + nameWidth, top, { width: width - nameWidth })))
        paragraph.end()
        doc.x = left
        doc.y = top + height + 4
      }
      doc.moveDown(1.5)
    },
    heading: (text) => {
      ensureRoom(60)
      set('bold', size.heading)
      block('H2', () => doc.text(printable(text), left))
      doc.moveDown(0.5)
    },
    paragraph: (text) => {
      set('regular', size.text)
      ensureRoom(doc.heightOfString(text, { width }))
      block('P', () => doc.text(printable(text), left, doc.y, { width }))
      doc.moveDown(0.6)
    },
    list: (items) => {
      const list = doc.struct('L')
      root.add(list)
      set('regular', size.text)
      for (const [at, item] of items.entries()) {
        const top = doc.y
        const entry = doc.struct('LI')
        list.add(entry)
        entry.add(doc.struct('Lbl', {}, () => doc.text(`${String(at + 1)}.`, left, top, { width: 16 })))
        entry.add(doc.struct('LBody', {}, () => doc.text(printable(item), left + 18, top, { width: width - 18 })))
        entry.end()
        doc.x = left
        doc.moveDown(0.3)
      }
      list.end()
      doc.moveDown(0.5)
    },
    newPage: () => {
      doc.addPage()
      doc.x = left
    },
    beginTable: (heading, note, names) => {
      // A heading at the foot of a page belongs on the next.
      ensureRoom(96)
      doc.moveDown(0.8)
      set('bold', size.group)
      block('H3', () => doc.text(printable(heading), left, doc.y, { width }))
      if (note !== '') {
        set('regular', size.cell, soft)
        block('P', () => doc.text(printable(note), left, doc.y, { width }))
      }
      doc.moveDown(0.3)
      headings = names
      table = doc.struct('Table')
      root.add(table)
      drawRow('TH', names)
    },
    row: (cells) => drawRow('TD', cells.map(printable)),
    endTable: () => {
      table?.end()
      table = null
    },
    end: () => {
      root.end()
      drawFooters()
      doc.end()
    },
    writeTo: async (write) => {
      for await (const part of doc) await write(part as Uint8Array)
    },
  }
}

/** Tables and reports against text that was written to break them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromRoot } from '../../../build/paths.ts'
import { csvCell, csvHead, csvRows } from '../../../electron/vault/export/csv.ts'
import { pdfRowsMax, writePdfReport, type ReportFacts } from '../../../electron/vault/export/pdf-report.ts'
import { toPrintable } from '../../../electron/vault/export/pdf-text.ts'
import { createRowReader, type ReportRow } from '../../../electron/vault/export/report-rows.ts'
import { concatBytes, fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { entryTypes } from '../../../shared/audit/entry.ts'
import { entries } from '../../e2e/screens/canned-entries.ts'

const hostile = [
  '=HYPERLINK("http://example.test","click")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  ' =1',
  '\u200F=1',
  '\uFF1D1+1',
  'two\nlines',
  'carriage\r\nreturn',
  'a "quoted", part',
  '🚒 中文 שלום \u200Emarks\u200F',
  'x'.repeat(500),
  "'already",
  '',
]

const row = (text: string, more: Partial<ReportRow> = {}): ReportRow => ({
  seq: 1,
  at: '2026-11-23T14:02:10.123Z',
  person: text,
  kind: 'Request',
  sentence: text,
  credential: text,
  request: 'A'.repeat(22),
  reason: text,
  incident: text,
  result: text,
  ...more,
})

/** RFC 4180, read back. */
function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let cells: string[] = []
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] === '\r\n') {
      records.push(cells)
      cells = []
    }
  }
  return records
}

describe('the table', () => {
  it('gives back every text, with an apostrophe where it could be a formula', () => {
    const text = fromUtf8(concatBytes(csvHead(), csvRows(hostile.map((one) => row(one)))))
    const [heading, ...records] = parseCsv(text.replace(/^\uFEFF/, ''))
    expect(heading).toHaveLength(10)
    expect(records.map((cells) => cells[7]!.replace(/^'(?!already)/, ''))).toEqual(hostile)
    for (const cells of records) for (const cell of cells) expect(cell).not.toMatch(/^[\s\p{Cf}]*[=+\-@＝＋－＠]/u)
  })

  it.each(hostile.slice(0, 8))('cannot be taken for a formula: %j', (text) => {
    expect(csvCell(text)).toMatch(/^"?'/)
  })

  it('leaves harmless text alone', () => {
    for (const text of ['Ada Byron', '2026-11-23', 'a=b', 'x-y', '10 %']) expect(csvCell(text)).toBe(text)
  })
})

describe('rows', () => {
  const reader = createRowReader([])
  const rows = entries.map((entry, at) => reader.read(canonicalBytes(entry), at))

  it('say every type of entry in a sentence', () => {
    expect(new Set(entries.map(({ type }) => type)).size).toBe(entryTypes.length)
    for (const { sentence, kind, at } of rows) {
      expect(sentence).toMatch(/^[A-Z“].*[.]$/s)
      expect(kind).not.toBe('Unreadable')
      expect(at).toMatch(/Z$/)
    }
  })

  it('carry what a request was about to its later entries', () => {
    const opened = entries.find(({ type }) => type === 'request.opened')
    const again = createRowReader([])
    again.read(canonicalBytes(opened!), 0)
    const granted = entries.find(({ type }) => type === 'request.granted')
    const { reason, incident, credential, result } = again.read(canonicalBytes(granted!), 1)
    expect({ incident, result }).toEqual({ incident: 'INC-2041', result: 'opened' })
    expect(reason).toContain('Identity provider')
    expect(credential).toBe('AWS root account')
  })

  it('group everything that belongs to a request that waits, with a word on how each step ended', () => {
    const file = new URL('../../vectors/log/delayed.json', import.meta.url)
    const vector = JSON.parse(readFileSync(file, 'utf8')) as { readonly entries: readonly string[] }
    const again = createRowReader([])
    const read = vector.entries.map((text, at) => again.read(utf8(text), at))
    const [opened, stopped, ended] = [...new Set(read.map(({ request }) => request))].filter((id) => id !== '')
    const told = (request: string | undefined) => read.filter((one) => one.request === request)
    const results = (request: string | undefined) => told(request).map(({ result }) => result)
    const taps = Array<string>(2).fill('accepted')
    const after = ['waited', 'accepted, not counted', ...taps, 'opened', '', 'closed: hidden-by-person', 'drill']
    expect(results(opened)).toEqual(['', ...taps, 'waiting', ...after])
    expect(results(stopped)).toEqual(['', ...taps, 'waiting', 'stopped'])
    expect(results(ended)).toEqual(['', ...taps, 'waiting', 'cancelled'])
    for (const one of [opened, stopped, ended].flatMap(told)) {
      expect(one).toMatchObject({ credential: 'Root of the core switch', incident: 'INC-2026-1123' })
    }
    const outdated = {
      type: 'request.cancelled',
      actor: { kind: 'station' },
      data: { request: opened, reason: 'outdated' },
    }
    expect(again.read(canonicalBytes({ ...outdated, seq: 99, at: '2026-11-23T14:02:10.123Z' }), 99)).toMatchObject({
      result: 'cancelled: outdated',
      credential: 'Root of the core switch',
    })
  })

  it('do not stop at what cannot be read', () => {
    for (const bytes of [utf8('{'), utf8('null'), utf8('{"type":"nonsense","data":{}}'), Uint8Array.of(0xff)]) {
      expect(reader.read(bytes, 7)).toMatchObject({ seq: 7, kind: 'Unreadable' })
    }
  })
})

const facts: ReportFacts = {
  vaultName: 'Ζωή & Жанна =1',
  stationName: 'Desk',
  vault: 'v'.repeat(22),
  station: 's'.repeat(22),
  at: '2026-11-23T14:02:10.123Z',
  atMs: Date.UTC(2026, 10, 23, 14, 2, 10),
  signedBy: 'Zoë Ångström',
  selection: 'The whole log',
  isPart: true,
  head: { size: 12_345, root: 'r'.repeat(43) },
  words: ['rifle', 'soul', 'twelve', 'circle'],
  entries: 3,
}

async function makePdf(rows: readonly ReportRow[], total = rows.length): Promise<Buffer> {
  const font = (name: string): Buffer => readFileSync(fromRoot('node_modules/dejavu-fonts-ttf/ttf', name))
  const parts: Uint8Array[] = []
  const fonts = { regular: font('DejaVuSansCondensed.ttf'), bold: font('DejaVuSansCondensed-Bold.ttf') }
  await writePdfReport(fonts, facts, rows, total, async (part) => void parts.push(Uint8Array.from(part)))
  return Buffer.concat(parts)
}

describe('the report', () => {
  it('is the same bytes for the same input, tagged, and asks for no font of the reader', async () => {
    const rows = hostile.map((text, at) => row(text, { request: at % 2 === 0 ? '' : String(at) }))
    const pdf = await makePdf(rows)
    expect(pdf.equals(await makePdf(rows))).toBe(true)
    const text = pdf.toString('latin1')
    expect(text).toContain('/MarkInfo')
    expect(text).toContain('/StructTreeRoot')
    expect(text).toContain('/Lang (en-GB)')
    expect(text).not.toMatch(/\/BaseFont \/(Helvetica|Times|Courier)/)
    expect(text).not.toMatch(/\/(JavaScript|JS|URI|Launch|EmbeddedFile)\b/)
  })

  const pdftotext = spawnSync('pdftotext', ['-v']).error === undefined
  it.skipIf(!pdftotext)('reads as it should (needs poppler-utils)', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-pdf-'))
    try {
      const file = path.join(dir, 'report.pdf')
      writeFileSync(
        file,
        await makePdf(
          hostile.map((one) => row(one)),
          4000,
        ),
      )
      const text = spawnSync('pdftotext', ['-layout', file, '-']).stdout.toString()
      for (const part of [
        'Audit log report',
        'Ζωή & Жанна',
        'Zoë Ångström',
        'rifle soul twelve circle',
        'It proves nothing by itself',
        'The table report.csv has all of them',
        'two / lines',
        'Page 1 of',
      ]) {
        expect(text).toContain(part)
      }
      // pdftotext itself marks where Hebrew begins and ends.
      expect(text).not.toMatch(/[\u200E\u200F\u202D\u202E]/)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })

  it('bounds what it shows', () => {
    expect(pdfRowsMax).toBeLessThanOrEqual(5000)
  })

  it('marks what the font lacks and drops what nobody sees', () => {
    const hasGlyph = (code: number): boolean => code < 0x500
    expect(toPrintable(' a\u200Fb\n\n c\t中🚒 ', hasGlyph)).toBe('ab / c \uFFFD\uFFFD')
  })
})

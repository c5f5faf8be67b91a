/** Text as a page can show it: nothing invisible, nothing that the font lacks, no line that runs backwards. */

/** What the embedded font has a glyph for. */
export type HasGlyph = (codePoint: number) => boolean

/** Stands for a character that the font does not have; the table in `report.csv` has it as it is. */
const missing = '\uFFFD'

/**
 * One paragraph: line breaks become ` / `, other control and format characters (bidirectional marks among them, which can
 * make a page read differently from the log) go, characters without a glyph are marked.
 */
export function toPrintable(text: string, hasGlyph: HasGlyph): string {
  const line = text
    .trim()
    .replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' / ')
    .replaceAll(/\s/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\uFE00-\uFE0F]/gu, '')
  return line.replaceAll(/./gu, (char) => (hasGlyph(char.codePointAt(0) ?? 0) ? char : missing))
}

/** How a secret is read aloud over a bad line, and which of its signs look like others. */

const letters = [
  'alfa',
  'bravo',
  'charlie',
  'delta',
  'echo',
  'foxtrot',
  'golf',
  'hotel',
  'india',
  'juliett',
  'kilo',
  'lima',
  'mike',
  'november',
  'oscar',
  'papa',
  'quebec',
  'romeo',
  'sierra',
  'tango',
  'uniform',
  'victor',
  'whiskey',
  'x-ray',
  'yankee',
  'zulu',
] as const

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const

const signs: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\t': 'tab',
  '\n': 'new line',
  '!': 'exclamation mark',
  '"': 'double quote',
  '#': 'hash',
  $: 'dollar',
  '%': 'percent',
  '&': 'ampersand',
  "'": 'single quote',
  '(': 'open bracket',
  ')': 'close bracket',
  '*': 'star',
  '+': 'plus',
  ',': 'comma',
  '-': 'dash',
  '.': 'dot',
  '/': 'slash',
  ':': 'colon',
  ';': 'semicolon',
  '<': 'less than',
  '=': 'equals',
  '>': 'greater than',
  '?': 'question mark',
  '@': 'at',
  '[': 'open square bracket',
  '\\': 'backslash',
  ']': 'close square bracket',
  '^': 'caret',
  _: 'underscore',
  '`': 'backtick',
  '{': 'open brace',
  '|': 'vertical bar',
  '}': 'close brace',
  '~': 'tilde',
}

/** One sign as a word: ICAO spelling alphabet (Annex 10), `capital Romeo` for R, `two` for 2, the name of a sign. */
export function speakGlyph(glyph: string): string {
  const sign = signs[glyph]
  if (sign !== undefined) return sign
  if (/^[0-9]$/.test(glyph)) return digits[Number(glyph)] ?? glyph
  if (/^[a-z]$/.test(glyph)) return letters[glyph.charCodeAt(0) - 97] ?? glyph
  if (/^[A-Z]$/.test(glyph)) {
    const word = letters[glyph.charCodeAt(0) - 65] ?? glyph
    return `capital ${word.charAt(0).toUpperCase()}${word.slice(1)}`
  }
  const point = glyph.codePointAt(0) ?? 0
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  // A sign that shows nothing of itself is only named; any other is shown beside its number.
  return /^[\p{L}\p{N}\p{P}\p{S}]/u.test(glyph) ? `character ${glyph} (${code})` : `invisible character ${code}`
}

/** Every sign of `text` as a word, in order. */
export const speak = (text: string): readonly string[] => Array.from(text, speakGlyph)

const lookalikes: Readonly<Record<string, string>> = {
  '0': 'zero',
  O: 'cap. O',
  o: 'small o',
  '1': 'one',
  l: 'small L',
  I: 'cap. i',
  '|': 'bar',
  '5': 'five',
  S: 'cap. S',
  '2': 'two',
  Z: 'cap. Z',
  '8': 'eight',
  B: 'cap. B',
  '`': 'backtick',
  "'": 'quote',
  ' ': 'space',
}

/** What to write under a sign that is easily taken for another; null when it is plain. */
export function markGlyph(glyph: string): string | null {
  const mark = lookalikes[glyph]
  if (mark !== undefined) return mark
  // Anything outside printable ASCII may be a letter of another alphabet that looks like ours.
  return /^[\x21-\x7e]$/.test(glyph) ? null : /^[\p{L}\p{N}\p{P}\p{S}]/u.test(glyph) ? 'not ASCII' : 'invisible'
}

/**
 * What people wrote (reasons, names) as text that means nothing to a receiver but itself. Each channel escapes for its own
 * markup after this; here is what is the same for all.
 */
import { utf8 } from '../../../shared/bytes.ts'
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'

const closers: Readonly<Record<string, string>> = {
  '\u202A': '\u202C',
  '\u202B': '\u202C',
  '\u202D': '\u202C',
  '\u202E': '\u202C',
  '\u2066': '\u2069',
  '\u2067': '\u2069',
  '\u2068': '\u2069',
}

/**
 * Ends every change of direction that the text begins and drops ends of what it did not begin: a reason must not turn around
 * what stands after it (Unicode UAX #9; the attack: a right-to-left override makes "denied" of what we wrote read otherwise).
 */
function closeDirections(text: string): string {
  if (!/[\u202A-\u202E\u2066-\u2069]/.test(text)) return text
  const open: string[] = []
  let kept = ''
  for (const character of text) {
    const closer = closers[character]
    if (closer !== undefined) open.push(closer)
    else if (character === '\u202C' || character === '\u2069') {
      if (open.at(-1) !== character) continue
      open.pop()
    }
    kept += character
  }
  return kept + open.reverse().join('')
}

/** Well-formed Unicode, `\n` the only line break, no other control character, directions closed. */
export function makePlain(text: string): string {
  return closeDirections(
    text
      .replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
      .replaceAll('\t', ' ')
      .replaceAll(/[^\P{Cc}\n]|\p{Cs}/gu, '\uFFFD'),
  )
}

/** As {@link makePlain}, on one line. */
export const makeLine = (text: string): string => makePlain(text).replaceAll('\n', ' ')

/** At most `max` characters (code points), the last of them an ellipsis when something was left out. */
export function cutText(text: string, max: number): string {
  const characters = Array.from(text)
  return characters.length <= max ? text : closeDirections(`${characters.slice(0, max - 1).join('')}…`)
}

export interface PlainAlert {
  readonly title: string
  readonly lines: readonly { readonly label: string; readonly value: string }[]
  /** Where and when it happened, and the key by which people can see that two are the same. */
  readonly footer: string
}

/**
 * An alert for receivers that show text. Lines of a value after its first begin with `| `, so that none can pass for a line of
 * ours.
 * @param max characters of one value
 */
export function describeAlert(message: AlertMessage, max = 2000): PlainAlert {
  const { title, lines, vault, station, at, late, seq, key } = message
  const when = late ? `${at}, sent later` : at
  return {
    title: cutText(makeLine(title), Math.min(max, 1000)),
    lines: lines.map(({ label, value }) => ({
      label: makeLine(label),
      value: cutText(makePlain(value), max).replaceAll('\n', '\n| '),
    })),
    footer: [vault, station, when, `entry ${seq}`, `alert ${key}`].map(makeLine).join(' · '),
  }
}

/**
 * The bytes of `make(max)` with the most characters per value that fit into `limit` bytes: a receiver that refuses what is too
 * long would refuse it for ever.
 * @throws HalliganError CHANNEL_REFUSED, {reason: 'too-long'}
 */
export function fitInto(limit: number, make: (max: number) => string): Uint8Array {
  for (const max of [2000, 1000, 500, 250, 100, 40]) {
    const bytes = utf8(make(max))
    if (bytes.length <= limit) return bytes
  }
  throw new HalliganError('CHANNEL_REFUSED', { reason: 'too-long' })
}

/** Secrets that nobody has to think of: characters, words, seeds of one-time codes. */
import { base32nopad } from '@scure/base'
import { words } from '../../../shared/audit/words.ts'
import { sampleUniform, type RandomBytes } from './sample.ts'

export const characterKinds = ['lower', 'upper', 'digits', 'symbols'] as const
export type CharacterKind = (typeof characterKinds)[number]

const alphabets: Readonly<Record<CharacterKind, string>> = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  // None that a shell, a quoted string or a form is known to choke on.
  symbols: '!#%+,-./:=?@_',
}
/** Taken for one another when somebody reads or types them. */
const ambiguous = new Set('0O1lI|5S8B2Z:;.,')

export const characterCounts = { min: 12, max: 128 } as const
export const wordCounts = { min: 5, max: 16 } as const

export interface CharacterWish {
  readonly length: number
  readonly kinds: readonly CharacterKind[]
  /** Without those that are taken for one another. */
  readonly unambiguous: boolean
}

/** The characters to choose from; empty when no kind is wanted. */
const alphabetOf = ({ kinds, unambiguous }: Omit<CharacterWish, 'length'>): string[] =>
  Array.from(kinds.map((kind) => alphabets[kind]).join('')).filter((one) => !unambiguous || !ambiguous.has(one))

const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): number =>
  Math.max(min, Math.min(max, Math.floor(value)))

/** Bits of entropy of what {@link makeCharacters} makes. Every character is chosen freely: no kind is forced to be in it. */
export function characterBits(wish: CharacterWish): number {
  const size = alphabetOf(wish).length
  return size === 0 ? 0 : within(wish.length, characterCounts) * Math.log2(size)
}

/** @throws RangeError when no kind of character is wanted. */
export async function makeCharacters(random: RandomBytes, wish: CharacterWish): Promise<string> {
  const alphabet = alphabetOf(wish)
  if (alphabet.length === 0) throw new RangeError('no characters to choose from')
  const places = await sampleUniform(random, alphabet.length, within(wish.length, characterCounts))
  return places.map((place) => alphabet[place] ?? '').join('')
}

/** Bits of entropy of so many words. */
export const wordBits = (count: number): number => within(count, wordCounts) * Math.log2(words.length)

/** Words of the BIP-39 English list with hyphens between them: can be said aloud, and typed. */
export async function makeWords(random: RandomBytes, count: number): Promise<string> {
  const places = await sampleUniform(random, words.length, within(count, wordCounts))
  return places.map((place) => words[place] ?? '').join('-')
}

/** A seed for one-time codes (RFC 4226, section 4: 160 bits), as base32. */
export async function makeSeed(random: RandomBytes): Promise<string> {
  const bytes = await random(20)
  const seed = base32nopad.encode(bytes)
  bytes.fill(0)
  return seed
}

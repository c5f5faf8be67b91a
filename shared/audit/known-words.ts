/** Head words and a length as people type them, the same on the command line, in verify.mjs and in verify.html. */
import type { KnownWords } from './known-checkpoint.ts'

const wordCount = 4

/**
 * @param words four words, in capitals or not, separated by spaces
 * @param size digits
 * @returns null when they are not four words and the length that they were said of
 */
export function parseKnownWords(words: string, size: string): KnownWords | null {
  const list = words.trim().toLowerCase().split(/\s+/)
  return list.length === wordCount && /^[1-9]\d{0,14}$/.test(size.trim()) ? { words: list, size: Number(size) } : null
}

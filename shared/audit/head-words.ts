/** A log's head as four words, for reading aloud (docs/format.md, "Head words"). */
import { canonicalMessage } from '../canonical.ts'
import type { LogHead } from '../domain/statements.ts'
import type { Primitives } from '../primitives.ts'
import { words } from './words.ts'

const wordCount = 4
const bitsPerWord = 11

/** Four words: the first 44 bits of SHA-256 over size and root. Shows mistakes and swapped files, proves nothing. */
export const headWords = ({ sha256 }: Pick<Primitives, 'sha256'>, { size, root }: LogHead): string[] =>
  digestWords(sha256(canonicalMessage('head-words', { size, root })))

/** Four words: the first 44 bits of a digest. */
export function digestWords(digest: Uint8Array): string[] {
  let bits = 0n
  for (const byte of digest.subarray(0, 8)) bits = (bits << 8n) | BigInt(byte)
  return Array.from({ length: wordCount }, (_, index) => {
    const shift = BigInt(64 - bitsPerWord * (index + 1))
    return words[Number((bits >> shift) & 0x7ffn)] ?? ''
  })
}

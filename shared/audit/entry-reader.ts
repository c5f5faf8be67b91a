/** Entries and manifests from their exact bytes: canonical form first, then the schema. */
import type { z } from 'zod'
import { fromUtf8, sameBytes } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import { limits } from '../limits.ts'
import { signedManifestSchema, type SignedManifest } from '../contracts/strongroom.ts'
import { matchEntry } from './entry-match.ts'
import { entrySchema, type Entry } from './entry.ts'

/** A longer line is no entry: keeps a hostile file from filling the memory. */
export const entryBytesMax = 1_048_576
/** Hundreds of custodians in tens of safes are more than an entry may be. No more than a message between processes. */
export const manifestBytesMax = limits.messageBytes

export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: 'malformed' | 'not-canonical' }

const openingBrace = 0x7b

/** True when the keys of `value` come in the order of RFC 8785 (UTF-16 code units, which is how JS compares). */
function hasSortedKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(hasSortedKeys)
  let previous = ''
  let first = true
  for (const key in value) {
    if (!first && key <= previous) return false
    if (!hasSortedKeys((value as Record<string, unknown>)[key])) return false
    previous = key
    first = false
  }
  return true
}

/**
 * True when `text`, which parsed to `value`, is its canonical form. The common case costs one native stringify:
 * `JSON.stringify` writes numbers, strings and punctuation as RFC 8785 wants them and differs only in the order of keys
 * and in letting lone surrogates through as `\ud…` escapes.
 */
function isCanonical(text: string, value: unknown, bytes: Uint8Array): boolean {
  if (JSON.stringify(value) === text && !text.includes('\\ud') && hasSortedKeys(value)) return true
  // Integer-like keys are moved by JS objects, and `\\ud` may be harmless: the definition itself decides.
  try {
    return sameBytes(canonicalBytes(value), bytes)
  } catch {
    return false
  }
}

/** The value of at most `max` canonical JSON bytes of an object that `schema` accepts. Never throws. */
export function readCanonical<T>(bytes: Uint8Array, schema: z.ZodType<T>, max: number): Reading<T> {
  // Also keeps out a byte order mark, which text decoding would swallow.
  if (bytes[0] !== openingBrace || bytes.length > max) return { ok: false, code: 'malformed' }
  let text: string
  let value: unknown
  try {
    text = fromUtf8(bytes)
    value = JSON.parse(text)
  } catch {
    return { ok: false, code: 'malformed' }
  }
  if (!isCanonical(text, value, bytes)) return { ok: false, code: 'not-canonical' }
  const parsed = schema.safeParse(value)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, code: 'malformed' }
}

/** The definition: what {@link readEntry} must say. */
export const readEntrySlowly = (bytes: Uint8Array): Reading<Entry> => readCanonical(bytes, entrySchema, entryBytesMax)

/** An entry from its exact bytes. What the matcher recognises is canonical and of its shape; for the rest the definition decides. */
export const readEntry = (bytes: Uint8Array): Reading<Entry> =>
  bytes.length <= entryBytesMax && matchEntry(bytes) !== null
    ? { ok: true, value: JSON.parse(fromUtf8(bytes)) as Entry }
    : readEntrySlowly(bytes)

/** A manifest with its signatures from its exact bytes. */
export const readManifest = (bytes: Uint8Array): Reading<SignedManifest> =>
  readCanonical(bytes, signedManifestSchema, manifestBytesMax)

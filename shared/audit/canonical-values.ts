/** Matchers of the simplest values in canonical JSON: strings, base64url, timestamps, whole numbers (see canonical-match.ts). */
import { isBase64Url } from '../domain/forms.ts'
import { utf8 } from '../bytes.ts'

/** Where the value that starts at `at` ends; -1 when it is not one. */
export type Match = (bytes: Uint8Array, at: number) => number

export const fails: Match = () => -1
const quote = 0x22
const backslash = 0x5c
export const comma = 0x2c

/** True at each character of the base64url alphabet. */
const inAlphabet = new Uint8Array(256)
for (const byte of utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')) inAlphabet[byte] = 1

/** Exactly these bytes. */
export function matchText(text: string): Match {
  const wanted = utf8(text)
  const length = wanted.length
  return (bytes, at) => {
    for (let index = 0; index < length; index++) if (bytes[at + index] !== wanted[index]) return -1
    return at + length
  }
}

/** A string of exactly `length` characters of base64url, with its quotes. */
function matchAlphabet(length: number): Match {
  return (bytes, at) => {
    const end = at + 1 + length
    if (bytes[at] !== quote || bytes[end] !== quote) return -1
    for (let index = at + 1; index < end; index++) if (inAlphabet[bytes[index] as number] !== 1) return -1
    return end + 1
  }
}

/** base64url of exactly so many characters, the unused bits of the last one zero. */
export function matchBytes(length: number): Match {
  const inside = matchAlphabet(length)
  // Once the alphabet is right, what the predicate says of a string depends on its length and last character alone.
  const mayEnd = new Uint8Array(256)
  const lead = 'A'.repeat(Math.max(0, (length - 1) % 4))
  for (let byte = 0; byte < 128; byte++) if (isBase64Url(lead + String.fromCharCode(byte))) mayEnd[byte] = 1
  return (bytes, at) => {
    const end = inside(bytes, at)
    return end === -1 || length === 0 || mayEnd[bytes[end - 2] ?? 0] === 1 ? end : -1
  }
}

export const matchId = matchAlphabet(22)
export const matchHash = matchBytes(43)

const timestampForm = utf8('"0000-00-00T00:00:00.000Z"')
const zero = 0x30

/** `2026-11-23T14:02:10.123Z`, with its quotes. */
export const matchTimestamp: Match = (bytes, at) => {
  for (let index = 0; index < timestampForm.length; index++) {
    const wanted = timestampForm[index] ?? 0
    const byte = bytes[at + index] ?? 0
    if (wanted === zero ? byte < zero || byte > 0x39 : byte !== wanted) return -1
  }
  return at + timestampForm.length
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a string without escapes; null when it has any, or does not end, or is no UTF-8. */
function readString(bytes: Uint8Array, at: number): string | null {
  if (bytes[at] !== quote) return null
  let text = ''
  for (let index = at + 1; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (byte === quote) return text
    if (byte < 0x20 || byte === backslash) return null
    if (byte >= 0x7f) return readWide(bytes, at + 1)
    text += String.fromCharCode(byte)
  }
  return null
}

function readWide(bytes: Uint8Array, start: number): string | null {
  const end = bytes.indexOf(quote, start)
  if (end === -1) return null
  const inside = bytes.subarray(start, end)
  if (inside.some((byte) => byte < 0x20 || byte === backslash)) return null
  try {
    return decoder.decode(inside)
  } catch {
    return null
  }
}

const encodedLength = (text: string): number => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7e) return utf8(text).length
  return text.length
}

/** Texts come again and again: names, versions, codes. Those that were accepted are known by their bytes. */
const rememberedMax = 256

export function matchString(accepts: (text: string) => boolean): Match {
  const remembered = new Map<number, Uint8Array>()
  return (bytes, at) => {
    if (bytes[at] !== quote) return -1
    const start = at + 1
    let end = start
    let hash = 0
    for (; end < bytes.length && bytes[end] !== quote; end++) hash = (hash * 31 + (bytes[end] ?? 0)) | 0
    const known = remembered.get(hash)
    if (known !== undefined && standsAt(bytes, start, known) && known.length === end - start) return end + 1
    const text = readString(bytes, at)
    if (text === null || !accepts(text)) return -1
    const after = start + encodedLength(text) + 1
    if (remembered.size < rememberedMax) remembered.set(hash, bytes.slice(start, after - 1))
    return after
  }
}

/** True when these bytes stand there. */
export function standsAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false
  return true
}

/** Value of the number that {@link readInteger} read last. */
let lastInteger = 0
export const readValue = (): number => lastInteger

/** Reads a whole number as RFC 8785 writes it, of at most 15 digits: where it ends, or -1. Its value: {@link readValue}. */
export const readInteger: Match = (bytes, at) => {
  const isNegative = bytes[at] === 0x2d
  const start = isNegative ? at + 1 : at
  let end = start
  let value = 0
  for (; end < start + 16; end++) {
    const byte = bytes[end]
    if (byte === undefined || byte < zero || byte > 0x39) break
    value = value * 10 + byte - zero
  }
  const digits = end - start
  if (digits === 0 || digits > 15 || (bytes[start] === zero && (digits > 1 || isNegative))) return -1
  lastInteger = isNegative ? -value : value
  return end
}

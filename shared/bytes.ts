/**
 * Bytes and their text forms. The one place where an encoding is chosen: base64url without padding for everything in
 * JSON, lower-case hex for what people compare, standard base64 only inside signed notes (C2SP demands it).
 */
import { base64, base64urlnopad, hex } from '@scure/base'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** UTF-8 bytes of `text`. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** Text of UTF-8 `bytes`; throws `TypeError` on malformed UTF-8 instead of replacing it silently. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

/** base64url without padding (RFC 4648 section 5). */
export const toBase64Url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes)

/** Inverse of {@link toBase64Url}; throws on any character or padding that does not belong. */
export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  base64urlnopad.decode(text) as Uint8Array<ArrayBuffer>

/** Standard base64 with padding (RFC 4648 section 4), used only in signed notes. */
export const toBase64 = (bytes: Uint8Array): string => base64.encode(bytes)

/** Inverse of {@link toBase64}. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => base64.decode(text) as Uint8Array<ArrayBuffer>

/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string => hex.encode(bytes)

/** Concatenation of `parts` in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** True when both hold the same bytes. Not constant-time: for public values only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

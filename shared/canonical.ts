/**
 * The canonical form of everything that is hashed or signed: RFC 8785 (JCS) as UTF-8, behind a domain string.
 */
import canonicalize from 'canonicalize'
import { concatBytes, utf8 } from './bytes.ts'

/** Why something is hashed. Two purposes never share a hash input, because the first bytes differ. */
export type Purpose =
  | 'manifest'
  | 'request'
  | 'act'
  | 'joint'
  | 'enrolment'
  | 'record'
  | 'credential'
  | 'share'
  | 'share-commitment'
  | 'key-commitment'
  | 'wrap'
  | 'wrap-key'
  | 'wrap-check'
  | 'key-ring'
  | 'key-ring-key'
  | 'station-key'
  | 'head-words'
  | 'export'
  | 'sink-settings'
  | 'sink-place'
  | 'resealed'
  | 'script'
  | 'minutes'
  | 'channel-settings'
  | 'alert'

/** `halligan/<purpose>/v1\n` as bytes: the first bytes of every hash, KDF and associated-data input. */
export const domain = (purpose: Purpose): Uint8Array<ArrayBuffer> => utf8(`halligan/${purpose}/v1\n`)

/** A `\udXXX` escape: an even number of backslashes before it would only be escaped backslashes before the letters. */
const loneSurrogate = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/**
 * RFC 8785 canonical JSON of `value`, as UTF-8 bytes.
 * @throws TypeError when `value` is not JSON (undefined, functions, NaN, infinities, lone surrogates).
 */
export function canonicalBytes(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  // `JSON.stringify` underneath writes a lone surrogate as an escape, where RFC 8785 section 3.2.2.2 demands an error.
  if (loneSurrogate.test(text)) throw new TypeError('text holds a lone surrogate, which has no UTF-8 form')
  return utf8(text)
}

/** Domain string of `purpose` followed by the canonical form of `value`: the message that a tap or a hash is about. */
export const canonicalMessage = (purpose: Purpose, value: unknown): Uint8Array<ArrayBuffer> =>
  concatBytes(domain(purpose), canonicalBytes(value))

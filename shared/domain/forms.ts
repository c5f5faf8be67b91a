/** Building blocks of every schema: ids, encoded bytes, bounded text. */
import { z } from 'zod'
import { limits } from '../limits.ts'

// A strict CSP forbids `new Function`, which zod would otherwise use to speed up parsing.
z.config({ jitless: true })

/** 16 random bytes, base64url: vaults, persons, safes, credentials, requests, operations, stations, boots. */
export const idSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
export type Id = string

const notBase64Url = /[^A-Za-z0-9_-]/
/** Last characters whose unused bits are zero, by how many characters are over. One over is never right. */
const lastCharacters: readonly (string | null)[] = [null, '', 'AQgw', 'AEIMQUYcgkosw048']

/**
 * True for strict base64url without padding (RFC 4648 section 5): what `fromBase64Url` accepts, told without decoding,
 * because every message and every entry passes here.
 */
export function isBase64Url(text: string): boolean {
  const allowed = lastCharacters[text.length % 4]
  return !notBase64Url.test(text) && (typeof allowed !== 'string' || allowed.includes(text.slice(-1)))
}

const encodedLength = (bytes: number): number => Math.ceil((bytes * 4) / 3)

/** base64url of exactly `length` bytes. */
export const bytesSchema = (length: number) => z.string().length(encodedLength(length)).refine(isBase64Url)

/** base64url of at most `max` bytes. */
export const blobSchema = (max: number) => z.string().max(encodedLength(max)).refine(isBase64Url)

/** SHA-256, base64url. */
export const hashSchema = bytesSchema(32)

/** `2026-11-23T14:02:10.123Z`. */
export const timestampSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)

/** One line of text for people: trimmed, no control or bidirectional-override characters (they can disguise a request). */
export const lineSchema = (max: number = limits.nameLength) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text === text.trim() && text.isWellFormed())
    // eslint-disable-next-line no-control-regex -- control characters are what this keeps out
    .refine((text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(text))

/** Text of several lines for people, same rules but newlines and tabs allowed. */
export const textSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed())
    // eslint-disable-next-line no-control-regex -- control characters are what this keeps out
    .refine((text) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text))

/** A non-negative safe integer. */
export const countSchema = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/**
 * Matchers of canonical JSON bytes, made from the schemas themselves: one pass over the bytes says that they are the canonical form
 * of a value that the schema accepts, without making the value. A matcher may fail on what is good (then the slow way decides), and
 * never accepts what is bad; tests/unit/audit/entry-match.test.ts holds it to that.
 */
import type { z } from 'zod'
import { isBase64Url } from '../domain/forms.ts'
import { utf8 } from '../bytes.ts'

/** Where the value that starts at `at` ends; -1 when it is not one. */
export type Match = (bytes: Uint8Array, at: number) => number

const fails: Match = () => -1
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c

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
function matchBytes(length: number): Match {
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

function matchString(accepts: (text: string) => boolean): Match {
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

type Definition = Readonly<Record<string, unknown>> & { readonly type: string }
type Schema = z.core.$ZodType
const definitionOf = (schema: Schema): Definition => schema._zod.def as unknown as Definition

const idPattern = '^[A-Za-z0-9_-]{22}$'
const timestampPattern = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$`

/** What each check of a string or number asks; null when there is one that is not known here. */
function predicatesOf(definition: Definition): ((value: never) => boolean)[] | null {
  const checks = (definition['checks'] ?? []) as readonly { readonly _zod: { readonly def: Definition } }[]
  const predicates: ((value: never) => boolean)[] = []
  for (const { _zod } of checks) {
    const predicate = predicateOf(_zod.def)
    if (predicate === null) return null
    predicates.push(predicate)
  }
  return predicates
}

function predicateOf(check: Readonly<Record<string, unknown>>): ((value: never) => boolean) | null {
  const { minimum, maximum, length, value: bound, inclusive } = check as Readonly<Record<string, number | boolean>>
  switch (check['check']) {
    case 'min_length':
      return (text: string) => text.length >= Number(minimum)
    case 'max_length':
      return (text: string) => text.length <= Number(maximum)
    case 'length_equals':
      return (text: string) => text.length === Number(length)
    case 'string_format': {
      const { pattern } = check
      return pattern instanceof RegExp && !pattern.global && !pattern.sticky
        ? (text: string) => pattern.test(text)
        : null
    }
    case 'number_format':
      return check['format'] === 'safeint' ? (value: number) => Number.isSafeInteger(value) : null
    case 'greater_than':
      return (value: number) => (inclusive === true ? value >= Number(bound) : value > Number(bound))
    case 'less_than':
      return (value: number) => (inclusive === true ? value <= Number(bound) : value < Number(bound))
    case 'custom': {
      const fn = check['fn']
      return typeof fn === 'function' ? (value: unknown) => Boolean((fn as (value: unknown) => unknown)(value)) : null
    }
    default:
      return null
  }
}

const all =
  (predicates: readonly ((value: never) => boolean)[]) =>
  (value: unknown): boolean =>
    predicates.every((predicate) => predicate(value as never))

function compileString(definition: Definition): Match {
  const checks = (definition['checks'] ?? []) as readonly { readonly _zod: { readonly def: Definition } }[]
  const [first, second] = checks.map(({ _zod }) => _zod.def)
  const pattern = first?.['pattern']
  if (checks.length === 1 && pattern instanceof RegExp) {
    if (pattern.source === idPattern) return matchId
    if (pattern.source === timestampPattern) return matchTimestamp
  }
  if (checks.length === 2 && first?.['check'] === 'length_equals' && second?.['fn'] === isBase64Url) {
    return matchBytes(Number(first['length']))
  }
  const predicates = predicatesOf(definition)
  return predicates === null || definition['coerce'] === true ? fails : matchString(all(predicates))
}

function compileNumber(definition: Definition): Match {
  const predicates = predicatesOf(definition)
  if (predicates === null || definition['coerce'] === true) return fails
  const accepts = all(predicates)
  return (bytes, at) => {
    const end = readInteger(bytes, at)
    return end !== -1 && accepts(lastInteger) ? end : -1
  }
}

/** Members in the order of RFC 8785; those that may be absent are tried and passed over. */
function compileObject(definition: Definition): Match {
  const catchall = definition['catchall'] as Schema | undefined
  const isStrict = catchall !== undefined && definitionOf(catchall).type === 'never'
  if (!isStrict || definition['checks'] !== undefined) return fails
  const shape = definition['shape'] as Readonly<Record<string, Schema>>
  const members = Object.keys(shape)
    .sort()
    .map((name) => {
      const schema = shape[name] as Schema
      const inner = definitionOf(schema)
      const isOptional = inner.type === 'optional'
      const value = compileMatch(isOptional ? (inner['innerType'] as Schema) : schema)
      return { key: matchText(`${JSON.stringify(name)}:`), value, isOptional }
    })
  return (bytes, start) => {
    if (bytes[start] !== 0x7b) return -1
    let at = start + 1
    let isFirst = true
    for (const { key, value, isOptional } of members) {
      const from = isFirst ? at : bytes[at] === comma ? at + 1 : -1
      const next = from === -1 ? -1 : key(bytes, from)
      if (next === -1) {
        if (isOptional) continue
        return -1
      }
      at = value(bytes, next)
      if (at === -1) return -1
      isFirst = false
    }
    return bytes[at] === 0x7d ? at + 1 : -1
  }
}

function compileArray(definition: Definition): Match {
  const item = compileMatch(definition['element'] as Schema)
  const predicates = predicatesOf(definition)
  if (predicates === null) return fails
  // Lengths are all that arrays of ours are checked for; the predicates see a thing with a length.
  const checks = (definition['checks'] ?? []) as readonly { readonly _zod: { readonly def: Definition } }[]
  if (checks.some(({ _zod }) => !String(_zod.def['check']).includes('length'))) return fails
  const accepts = all(predicates)
  return (bytes, start) => {
    if (bytes[start] !== 0x5b) return -1
    let length = 0
    let at = start + 1
    if (bytes[at] !== 0x5d) {
      for (; ; at++) {
        at = item(bytes, at)
        if (at === -1) return -1
        length++
        if (bytes[at] !== comma) break
      }
    }
    return bytes[at] === 0x5d && accepts({ length }) ? at + 1 : -1
  }
}

const firstOf =
  (options: readonly Match[]): Match =>
  (bytes, at) => {
    for (const option of options) {
      const end = option(bytes, at)
      if (end !== -1) return end
    }
    return -1
  }

/** The matcher of a schema; one that always fails where the schema has something that is not known here. */
export function compileMatch(schema: Schema): Match {
  const definition = definitionOf(schema)
  switch (definition.type) {
    case 'string':
      return compileString(definition)
    case 'number':
      return compileNumber(definition)
    case 'boolean':
      return firstOf([matchText('true'), matchText('false')])
    case 'literal':
      return firstOf((definition['values'] as readonly unknown[]).map((value) => matchText(JSON.stringify(value))))
    case 'enum': {
      const values = new Set(Object.values(definition['entries'] as Readonly<Record<string, unknown>>))
      return matchString((text) => values.has(text))
    }
    case 'nullable':
      return firstOf([matchText('null'), compileMatch(definition['innerType'] as Schema)])
    case 'object':
      return compileObject(definition)
    case 'array':
      return compileArray(definition)
    case 'union':
      return firstOf((definition['options'] as readonly Schema[]).map(compileMatch))
    default:
      return fails
  }
}

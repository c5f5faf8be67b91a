/**
 * Matchers of canonical JSON bytes, made from the schemas themselves: one pass over the bytes says that they are the canonical form
 * of a value that the schema accepts, without making the value. A matcher may fail on what is good (then the slow way decides), and
 * never accepts what is bad; tests/unit/audit/entry-match.test.ts holds it to that.
 */
import type { z } from 'zod'
import { isBase64Url } from '../domain/forms.ts'
import {
  comma,
  fails,
  matchBytes,
  matchId,
  matchString,
  matchText,
  matchTimestamp,
  readInteger,
  readValue,
  type Match,
} from './canonical-values.ts'

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
    return end !== -1 && accepts(readValue()) ? end : -1
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

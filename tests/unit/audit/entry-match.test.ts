/** The fast way of reading entries accepts nothing that the definition refuses, and reads the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryData, entryTypes } from '../../../shared/audit/entry.ts'
import { matchEntry } from '../../../shared/audit/entry-match.ts'
import { readEntry, readEntrySlowly } from '../../../shared/audit/entry-reader.ts'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { playScene } from '../../support/tamper-case.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 100_000 : 2000

const { log } = playScene('entry match')
const texts = log.entries.map(fromUtf8)

/** Values that sit at the edges of what schemas ask. */
const edges: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  -0,
  31,
  32,
  1.5,
  1e21,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  [],
  {},
  [null],
  '',
  ' ',
  ' a',
  'a ',
  'a',
  'ä',
  'a\u0000',
  'a\n',
  '\t',
  'a\u007f',
  'a\u0085',
  '\u2028',
  'a\u202eb',
  '\ufeffa',
  '\ud800',
  '😀',
  '\\',
  '"',
  '\\u0041',
  'A'.repeat(22),
  'A'.repeat(43),
  `${'A'.repeat(42)}B`,
  'A'.repeat(61),
  'A'.repeat(81),
  'quit',
  'CANCELLED',
  '2026-11-23T03:00:00.000Z',
  '2026-11-23T03:00:00Z',
]
const anything = fc.oneof(
  fc.constantFrom(...edges),
  fc.string({ maxLength: 90 }),
  fc.integer(),
  fc.string({ unit: 'binary', maxLength: 5 }),
)

/** Another value at one place of a JSON value, a member more or a member less. */
function bend(value: unknown, path: readonly number[], other: unknown, how: number): unknown {
  const [step, ...rest] = path
  if (typeof value !== 'object' || value === null || step === undefined) return other
  const members = Object.entries(value)
  const chosen = members[step % Math.max(1, members.length)]
  if (chosen === undefined) return other
  const [name, inner] = chosen as [string, unknown]
  if (Array.isArray(value)) {
    return (value as unknown[]).map((one, at) => (at === Number(name) ? bend(inner, rest, other, how) : one))
  }
  if (how === 0) return Object.fromEntries(members.filter(([one]) => one !== name))
  if (how === 1) return { ...value, extra: other }
  return { ...value, [name]: bend(inner, rest, other, how) }
}

/** What the matcher accepts must be what the definition reads, with what it found in its place. */
function agree(bytes: Uint8Array): boolean {
  const matched = matchEntry(bytes)
  const slow = readEntrySlowly(bytes)
  expect(readEntry(bytes)).toEqual(slow)
  if (matched === null) return false
  expect(slow.ok, fromUtf8(bytes)).toBe(true)
  if (!slow.ok) return false
  const textAt = (at: number, length: number): string => fromUtf8(bytes.subarray(at, at + length))
  const { type, seq, monotonic, at, boot, prev, station } = slow.value
  expect({ ...matchEntry(bytes) }).toMatchObject({ type, seq, monotonic })
  expect(textAt(matched.at, 24)).toBe(at)
  expect(textAt(matched.boot, 22)).toBe(boot)
  expect(textAt(matched.prev, 43)).toBe(prev)
  expect(textAt(matched.station, 22)).toBe(station)
  return true
}

describe('the matcher of entries', () => {
  it('knows what an honest log holds, but for text with escapes', () => {
    for (const [at, bytes] of log.entries.entries()) expect(agree(bytes), texts[at]).toBe(!texts[at]?.includes('\\'))
  })

  it('has a way for every type', () => {
    const known = new Set(texts.map((text) => (JSON.parse(text) as { type: string }).type))
    // A type whose shape the matcher does not understand would take the slow way for ever, unseen.
    const [first] = log.entries
    const base = JSON.parse(fromUtf8(first ?? utf8('{}'))) as Record<string, unknown>
    for (const type of entryTypes) {
      const data = sampleOf(entryData[type])
      if (known.has(type) || data === undefined) continue
      expect(agree(canonicalBytes({ ...base, type, data })), type).toBe(true)
    }
  })

  it(`accepts nothing that the definition refuses: one byte changed (${runs} runs)`, () => {
    fc.assert(
      fc.property(fc.nat(texts.length - 1), fc.nat(), fc.nat(255), fc.nat(2), (which, place, byte, how) => {
        const bytes = Uint8Array.from(log.entries[which] ?? [])
        const at = place % bytes.length
        if (how === 0) bytes[at] = byte
        else if (how === 1) bytes.copyWithin(at, at + 1)
        else bytes[at]! ^= 1 << (byte % 8)
        agree(bytes)
      }),
      { numRuns: runs },
    )
  })

  it(`accepts nothing that the definition refuses: another value somewhere (${runs} runs)`, () => {
    fc.assert(
      fc.property(
        fc.nat(texts.length - 1),
        fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }),
        anything,
        fc.nat(5),
        (which, path, other, how) => {
          const value: unknown = JSON.parse(texts[which] ?? '{}')
          const bent = JSON.stringify(bend(value, path, other, how))
          agree(utf8(bent))
        },
      ),
      { numRuns: runs },
    )
  })
})

/** A value that a small schema accepts; undefined for those that honest logs show anyway. */
function sampleOf(schema: { safeParse: (value: unknown) => { success: boolean } }): unknown {
  const id = 'A'.repeat(22)
  const hash = 'A'.repeat(43)
  const candidates = [
    { reason: 'quit' },
    { bytes: 1 },
    { byMs: -3 },
    { request: id },
    { version: '0.1.0' },
    { code: 'LOG_INVALID', seq: null },
    { request: id, reason: 'cancelled' },
    { request: id, code: 'SHARE_WRONG', custodian: null },
    { request: id, reason: 'time-elapsed', openedMs: 1 },
    { operation: id, request: null, code: 'TAP_TIMEOUT', person: null, key: null },
    { operation: id, kind: 'seal', result: 'done', code: null },
    { request: id, credential: id, field: 1, label: 'Password' },
    { request: id, credential: id, version: 1, field: 1, code: 1 },
    { sink: id, name: 'Ops', size: 3, root: hash },
    { kind: 'key', person: id, key: id, code: 'TAP_TIMEOUT' },
  ]
  return candidates.find((candidate) => schema.safeParse(candidate).success)
}

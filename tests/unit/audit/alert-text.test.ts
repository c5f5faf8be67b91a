import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  alertTextMax,
  isAlertSigned,
  parseAlertText,
  shortenFacts,
  shortenLine,
  writeAlertText,
  type AlertSource,
} from '../../../shared/audit/alert-text.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'

const pair = generateKeyPairSync('ed25519')
const publicKey = String(pair.publicKey.export({ format: 'jwk' }).x)
const words = ['apple', 'brick', 'cobra', 'dune']

const source: AlertSource = {
  kind: 'opened',
  vault: 'Plant North',
  credential: 'Payment platform root',
  who: 'Ann Requester',
  reason: 'Payment platform down, console unreachable',
  incident: 'INC-42',
  at: '2026-11-23T21:07:36.123Z',
  until: '2026-11-23T21:37:36.123Z',
  station: 'Desk 3',
  seq: 1233,
  size: 1240,
}

const write = (more: Partial<AlertSource> = {}): string =>
  writeAlertText(shortenFacts({ ...source, ...more }, words), publicKey, (message) =>
    sign(null, message, pair.privateKey),
  )

const isGenuine = (text: string): boolean => {
  const parsed = parseAlertText(text)
  return parsed !== null && isAlertSigned(nodePrimitives, parsed, publicKey)
}

describe('an alert text', () => {
  it('is short, says the facts, and is genuine', () => {
    const text = write()
    expect(text.length).toBeLessThan(400)
    expect(isGenuine(text)).toBe(true)
    expect(parseAlertText(text)?.facts).toEqual({
      kind: 'opened',
      vault: 'Plant North',
      credential: 'Payment platform root',
      who: 'Ann Requester',
      why: 'INC-42: Payment platform down, console unreac...',
      at: '2026-11-23T21:07:36Z',
      until: '2026-11-23T21:37:36Z',
      station: 'Desk 3',
      seq: 1233,
      size: 1240,
      words,
    })
  })

  it('fits whatever people write, on one line each, and is read back as it was written', () => {
    const line = fc.string({ unit: 'binary', maxLength: 90 })
    fc.assert(
      fc.property(line, line, line, line, fc.option(line), (vault, credential, who, reason, incident) => {
        const text = write({ vault, credential, who, reason, incident, station: who })
        expect(text.split('\n')).toHaveLength(11)
        expect(text).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\r\t]/u)
        expect(text.length).toBeLessThan(alertTextMax)
        expect(isGenuine(text)).toBe(true)
      }),
    )
  })

  it('any other character in any place, one more or one less, and it is not genuine any more', () => {
    const text = write()
    const place = fc.integer({ min: 0, max: text.length - 1 })
    const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one.trim() !== '')
    fc.assert(
      fc.property(place, character, fc.constantFrom(0, 1), (at, one, instead) => {
        const changed = text.slice(0, at) + one + text.slice(at + instead)
        // Letters before its first word belong to the mail around it.
        fc.pre(changed !== text && !(at === 0 && instead === 0))
        expect(isGenuine(changed)).toBe(false)
      }),
      { numRuns: 600 },
    )
    for (let at = 0; at < text.length; at++) expect(isGenuine(text.slice(0, at) + text.slice(at + 1))).toBe(false)
  })

  it('survives what mail and phones do to lines, and text around it', () => {
    const text = write()
    expect(isGenuine(text.replaceAll('\n', '\r\n'))).toBe(true)
    expect(
      isGenuine(`Please look at this:\r\n\r\n  ${text.replaceAll('\n', '  \r\n\r\n')}\r\n--\r\nSent from my phone`),
    ).toBe(true)
  })

  it('is of one key only', () => {
    const other = generateKeyPairSync('ed25519')
    const parsed = parseAlertText(write())
    expect(parsed).not.toBeNull()
    const key = String(other.publicKey.export({ format: 'jwk' }).x)
    expect(parsed !== null && isAlertSigned(nodePrimitives, parsed, key)).toBe(false)
    // The same first characters do not make it the same key.
    const alike = publicKey.slice(0, 8) + key.slice(8)
    expect(parsed !== null && isAlertSigned(nodePrimitives, parsed, alike)).toBe(false)
  })

  it.each([
    ['a line break', 'down\nWho: Somebody else', 'down Who: Somebody else'],
    ['CRLF and a header', 'down\r\nBcc: x@example.org', 'down Bcc: x@example.org'],
    ['quotes and markup', `<b>"down"</b> & 'x'`, `<b>"down"</b> & 'x'`],
    ['direction marks', 'down \u202enwod\u202c \u2067x\u2069', 'down nwod x'],
    ['zero width', 'do\u200bwn\ufeff', 'down'],
    ['four bytes', 'fire \u{1f525} down', 'fire \u{1f525} down'],
    ['line separators', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['nothing but disguise', '\u200b\u202e', '-'],
  ])('%s arrives as plain text on one line', (_what, reason, shown) => {
    const text = write({ reason, incident: null })
    expect(parseAlertText(text)?.facts.why).toBe(shown)
    expect(isGenuine(text)).toBe(true)
    expect(parseAlertText(text)?.facts.who).toBe('Ann Requester')
  })

  it('cuts between characters, never within one', () => {
    expect(shortenLine('\u{1f525}'.repeat(60), 10)).toBe(`${'\u{1f525}'.repeat(7)}...`)
    expect(shortenLine('exactly ten', 11)).toBe('exactly ten')
  })

  it('what is none is none', () => {
    for (const text of ['', 'HALLIGAN ALERT 1', write().replace('ALERT 1', 'ALERT 2'), 'x'.repeat(100_000)]) {
      expect(parseAlertText(text)).toBeNull()
    }
  })
})

/** What the log stands on, against published vectors and other libraries: canonical form, hashes, signatures, words. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { entryBytesMax, readCanonical } from '../../../shared/audit/entry-reader.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import { words } from '../../../shared/audit/words.ts'
import { fromUtf8, toHex, utf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { z } from 'zod'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 5000 : 500

describe('canonical form', () => {
  it('is that of RFC 8785, section 3.2.2 and 3.2.3', () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`
    expect(fromUtf8(canonicalBytes(JSON.parse(input)))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts as the RFC’s reference data does (weird.json)', () => {
    const input = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude02":"Smiley","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","</script>":"Browser Challenge"}`
    expect(fromUtf8(canonicalBytes(JSON.parse(input)))).toBe(
      '{"\\r":"Carriage Return","1":"One","</script>":"Browser Challenge","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😂":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  it(`is recognised by the quick check exactly when it is canonical (${runs} runs)`, () => {
    const anything = z.custom<unknown>(() => true)
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (value, indent) => {
        const canonical = canonicalBytes(value)
        expect(readCanonical(canonical, anything, entryBytesMax).ok).toBe(true)
        const other = utf8(JSON.stringify(value, null, indent))
        expect(readCanonical(other, anything, entryBytesMax).ok).toBe(toHex(other) === toHex(canonical))
      }),
      { numRuns: runs },
    )
  })

  it.each([
    ['{"a":"\\ud800"}', 'not-canonical'],
    ['{"a":1,"a":1}', 'not-canonical'],
    ['{"a":1.0}', 'not-canonical'],
    ['{"a":-0}', 'not-canonical'],
    ['{"a":"\\u0041"}', 'not-canonical'],
    ['{"b":1,"a":2}', 'not-canonical'],
    ['{"a":{"d":1,"c":2}}', 'not-canonical'],
    ['{"9":1,"10":2}', 'not-canonical'],
    ['{"a":1} ', 'not-canonical'],
    ['{"a":1', 'malformed'],
    ['[1]', 'malformed'],
    ['', 'malformed'],
  ])('refuses %s', (text, code) => {
    expect(
      readCanonical(
        utf8(text),
        z.custom<unknown>(() => true),
        entryBytesMax,
      ),
    ).toEqual({ ok: false, code })
  })

  it('accepts what only looks odd', () => {
    for (const text of ['{"10":1,"9":2}', '{"a":"\\\\ud800"}', '{"__proto__":1}']) {
      expect(
        readCanonical(
          utf8(text),
          z.custom<unknown>(() => true),
          entryBytesMax,
        ).ok,
        text,
      ).toBe(true)
    }
  })
})

describe('primitives agree with other libraries', () => {
  it('SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toHex(nodePrimitives.sha256(bytes))).toBe(toHex(sha256(bytes)))
      }),
    )
  })

  it('Ed25519 and P-256 signatures, true and false', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte > 0 && byte < 255)),
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.nat(),
        (secret, message, flip) => {
          const changed = Uint8Array.from(message)
          changed[flip % changed.length]! ^= 1
          const edKey = ed25519.getPublicKey(secret)
          const edSignature = ed25519.sign(message, secret)
          expect(nodePrimitives.verifyEd25519(edKey, message, edSignature)).toBe(true)
          expect(nodePrimitives.verifyEd25519(edKey, changed, edSignature)).toBe(false)
          const point = p256.getPublicKey(secret, false)
          const signature = p256.sign(message, secret, { format: 'der' })
          const [x, y] = [point.slice(1, 33), point.slice(33)]
          expect(nodePrimitives.verifyP256(x, y, message, signature)).toBe(true)
          expect(nodePrimitives.verifyP256(x, y, changed, signature)).toBe(false)
          expect(nodePrimitives.verifyP256(y, x, message, signature)).toBe(false)
          expect(nodePrimitives.verifyP256(x, y, message, signature.slice(1))).toBe(false)
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('head words', () => {
  it('come from the BIP-39 English list', () => {
    expect(words).toHaveLength(2048)
    expect(toHex(sha256(utf8(`${words.join('\n')}\n`)))).toBe(
      '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda',
    )
  })

  it('are the first 44 bits of the hash, four times 11', () => {
    const head = { size: 7, root: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }
    const digest = sha256(utf8(`halligan/head-words/v1\n{"root":"${head.root}","size":7}`))
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    const expected = [0, 11, 22, 33].map((at) => words[parseInt(bits.slice(at, at + 11), 2)])
    expect(headWords(nodePrimitives, head)).toEqual(expected)
    expect(headWords(nodePrimitives, { ...head, size: 8 })).not.toEqual(expected)
  })
})

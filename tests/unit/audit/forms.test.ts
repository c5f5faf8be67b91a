/** Telling base64url without decoding accepts exactly what decoding accepts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { blobSchema, bytesSchema, isBase64Url } from '../../../shared/domain/forms.ts'

function decodes(text: string): boolean {
  try {
    fromBase64Url(text)
    return true
  } catch {
    return false
  }
}

const characters = 'ABQgwEIMUYcko048abcXYZ_-=+/ é'

describe('base64url', () => {
  it('is recognised without decoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from(characters)), maxLength: 9 }), (text) => {
        expect(isBase64Url(text), text).toBe(decodes(text))
      }),
      { numRuns: 5000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64Url(bytes)
        expect(isBase64Url(text)).toBe(true)
        expect(bytesSchema(bytes.length).safeParse(text).success).toBe(true)
        expect(bytesSchema(bytes.length + 1).safeParse(text).success).toBe(false)
        expect(blobSchema(bytes.length).safeParse(text).success).toBe(true)
        if (bytes.length > 0) expect(blobSchema(bytes.length - 1).safeParse(text).success).toBe(false)
      }),
    )
  })
})

import { base32nopad } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultTotp, describeTotp, OtpauthError, parseOtpauth } from '../../../renderer/ui/otpauth.ts'

/** The seed of RFC 6238, appendix B: "12345678901234567890". */
const rfcSeed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const rfcBytes = new TextEncoder().encode('12345678901234567890')

describe('a bare seed', () => {
  it('is read as people write it: groups, lower case, padding', () => {
    for (const text of [
      rfcSeed,
      rfcSeed.toLowerCase(),
      rfcSeed.replace(/(.{4})/g, '$1 '),
      rfcSeed.replace(/(.{4})/g, '$1-'),
      `  ${rfcSeed}======\n`,
    ])
      expect(parseOtpauth(text)).toEqual({ seed: rfcBytes, totp: defaultTotp })
  })

  it('takes the settings chosen beside it', () => {
    const totp = { algorithm: 'SHA512', digits: 8, period: 60 } as const
    expect(parseOtpauth(rfcSeed, totp).totp).toEqual(totp)
  })

  it.each([
    ['', 'empty'],
    ['not a seed!', 'only the letters'],
    ['GEZDGNBVGY3TQOJQGEZDGNBV0189', 'only the letters'],
    ['JBSWY3DP', '16 to 204'],
    ['A'.repeat(400), '16 to 204'],
  ])('refuses %j with a sentence', (text, part) => {
    expect(() => parseOtpauth(text)).toThrow(OtpauthError)
    expect(() => parseOtpauth(text)).toThrow(part)
  })
})

describe('an otpauth address', () => {
  it('says everything itself, whatever is chosen beside it', () => {
    const uri = `otpauth://totp/AWS:root@example.test?secret=${rfcSeed}&issuer=AWS&algorithm=SHA256&digits=8&period=60`
    expect(parseOtpauth(uri, { algorithm: 'SHA512', digits: 6, period: 30 })).toEqual({
      seed: rfcBytes,
      totp: { algorithm: 'SHA256', digits: 8, period: 60 },
    })
    expect(parseOtpauth(`otpauth://totp/x?secret=${rfcSeed}`)).toEqual({ seed: rfcBytes, totp: defaultTotp })
    expect(parseOtpauth(`OTPAUTH://TOTP/x?secret=${rfcSeed}`).seed).toEqual(rfcBytes)
  })

  it.each([
    [`otpauth://hotp/x?secret=${rfcSeed}&counter=1`, 'Only time-based'],
    ['otpauth://totp/x', 'empty'],
    [`otpauth://totp/x?secret=${rfcSeed}&digits=5`, 'digits'],
    [`otpauth://totp/x?secret=${rfcSeed}&period=0`, '10 to 120'],
    [`otpauth://totp/x?secret=${rfcSeed}&period=1e1000`, '10 to 120'],
    [`otpauth://totp/x?secret=${rfcSeed}&algorithm=MD5`, 'algorithm'],
    ['otpauth:', 'cannot be read'],
  ])('refuses %j with a sentence', (text, part) => {
    expect(() => parseOtpauth(text)).toThrow(OtpauthError)
    expect(() => parseOtpauth(text)).toThrow(part)
  })
})

describe('whatever is pasted', () => {
  it('gives back the bytes of any seed that was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 128 }), fc.boolean(), (bytes, asUri) => {
        const text = base32nopad.encode(bytes)
        expect(parseOtpauth(asUri ? `otpauth://totp/a?secret=${text}` : text).seed).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('is either understood or refused with our own error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `otpauth://totp/${text}`),
        ),
        (text) => {
          try {
            const { seed } = parseOtpauth(text)
            expect(seed.length).toBeGreaterThanOrEqual(10)
          } catch (error) {
            expect(error).toBeInstanceOf(OtpauthError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is described in words', () => {
    expect(describeTotp(defaultTotp)).toBe('SHA-1, 6 digits, a new code every 30 seconds')
  })
})

/** Generated secrets: chosen evenly, as long as asked, and as hard to guess as it says. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { words } from '../../../shared/audit/words.ts'
import { parseOtpauth } from '../../../renderer/ui/otpauth.ts'
import { sampleUniform, type RandomBytes } from '../../../renderer/seal/generate/sample.ts'
import {
  characterBits,
  characterKinds,
  makeCharacters,
  makeSeed,
  makeWords,
  wordBits,
} from '../../../renderer/seal/generate/secrets.ts'

const random: RandomBytes = (length) => Promise.resolve(new Uint8Array(randomBytes(length)))

describe('sampling', () => {
  it.each([10, 62, 94])('of %i is even (chi-square)', async (size) => {
    const draws = 400 * size
    const counts = new Array<number>(size).fill(0)
    for (const drawn of await sampleUniform(random, size, draws)) counts[drawn] = (counts[drawn] ?? 0) + 1
    const chi = counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0)
    // Mean size - 1, deviation sqrt(2 (size - 1)); six of those are passed once in many millions of runs.
    expect(chi).toBeLessThan(size - 1 + 6 * Math.sqrt(2 * (size - 1)) + 12)
  })

  it('draws again what would make the lower ones likelier, and wipes what it was given', async () => {
    // 65536 = 94 * 697 + 18: the last 18 values would fall to the first 18 characters once more.
    const given: Uint8Array[] = []
    const script = [0xff, 0xff, 0xff, 0xee, 0xff, 0xed, 0, 95]
    const scripted: RandomBytes = (length) => {
      const bytes = Uint8Array.from(script.splice(0, length))
      given.push(bytes)
      return Promise.resolve(bytes)
    }
    expect(await sampleUniform(scripted, 94, 2)).toEqual([0xffed % 94, 1])
    expect(given.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true)
  })
})

describe('characters', () => {
  it('are those that were asked for, and bounded', async () => {
    const wish = { length: 64, kinds: characterKinds, unambiguous: true }
    expect(await makeCharacters(random, wish)).toMatch(/^[^0O1lI|5S8B2Z:;.,]{64}$/)
    expect(await makeCharacters(random, { length: 3, kinds: ['digits'], unambiguous: false })).toMatch(/^\d{12}$/)
    expect(await makeCharacters(random, { ...wish, length: 9999 })).toHaveLength(128)
    await expect(makeCharacters(random, { ...wish, kinds: [] })).rejects.toThrow(RangeError)
  })

  it('say how hard they are to guess', () => {
    expect(characterBits({ length: 20, kinds: ['digits'], unambiguous: false })).toBeCloseTo(20 * Math.log2(10))
    expect(characterBits({ length: 20, kinds: ['lower', 'upper', 'digits'], unambiguous: false })).toBeCloseTo(
      20 * Math.log2(62),
    )
    expect(characterBits({ length: 20, kinds: [], unambiguous: false })).toBe(0)
    expect(wordBits(8)).toBe(88)
  })
})

describe('words and seeds', () => {
  it('come from the list, and are understood', async () => {
    const made = (await makeWords(random, 8)).split('-')
    expect(made).toHaveLength(8)
    expect(made.every((word) => words.includes(word))).toBe(true)
    expect(parseOtpauth(await makeSeed(random), { algorithm: 'SHA1', digits: 6, period: 30 }).seed).toHaveLength(20)
  })
})

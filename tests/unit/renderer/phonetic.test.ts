import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markGlyph, speak, speakGlyph } from '../../../renderer/ui/phonetic.ts'

describe('reading aloud', () => {
  it('reads letters, digits and signs as one says them on a bad line', () => {
    expect(speak('R2-d0Ol1I|').join(', ')).toBe(
      'capital Romeo, two, dash, delta, zero, capital Oscar, lima, one, capital India, vertical bar',
    )
  })

  it('gives every printable ASCII character a word of its own', () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
    const words = ascii.map(speakGlyph)
    expect(new Set(words).size).toBe(ascii.length)
    // A sign that would be read as itself has no word.
    for (const [index, word] of words.entries()) expect(word.length, ascii[index]).toBeGreaterThan(1)
  })

  it('reads one word for each character, whatever they are, never an empty one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const words = speak(text)
        expect(words).toHaveLength(Array.from(text).length)
        expect(words.every((word) => word.trim() !== '')).toBe(true)
      }),
    )
  })

  it('names what cannot be seen', () => {
    expect(speakGlyph('\u200b')).toBe('invisible character U+200B')
    expect(speakGlyph('é')).toBe('character é (U+00E9)')
    expect(speakGlyph('😀')).toContain('U+1F600')
  })
})

describe('marks under look-alikes', () => {
  it.each(['0', 'O', 'o', '1', 'l', 'I', '|', '5', 'S', '2', 'Z', '8', 'B'])('marks %s', (glyph) => {
    expect(markGlyph(glyph)).not.toBeNull()
  })

  it('gives no two look-alikes the same mark', () => {
    const marks = ['0', 'O', 'o', '1', 'l', 'I', '|', '5', 'S', '2', 'Z', '8', 'B', '`', "'"].map(markGlyph)
    expect(new Set(marks).size).toBe(marks.length)
  })

  it('leaves plain signs alone and flags what is not ASCII', () => {
    for (const glyph of ['a', 'x', 'R', '7', '#']) expect(markGlyph(glyph)).toBeNull()
    // Cyrillic а looks exactly like Latin a.
    expect(markGlyph('а')).toBe('not ASCII')
    expect(markGlyph('\u200b')).toBe('invisible')
  })
})

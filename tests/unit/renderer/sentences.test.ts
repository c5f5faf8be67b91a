import { describe, expect, it } from 'vitest'
import { sentenceFor } from '../../../renderer/ui/sentences.ts'
import { errorCodes } from '../../../shared/errors.ts'

/** Words that belong in the code, not on a screen. */
const jargon = /\b(shard|PRF|assertion|hmac|WebAuthn|CTAP|challenge|nonce|AEAD|payload|undefined|null|NaN|object)\b/i

describe('the sentence for an error', () => {
  it.each(errorCodes)('%s says what happened and what to do, in plain words', (code) => {
    const sentence = sentenceFor(code)
    expect(sentence).toMatch(/^[A-Z].*[.]$/s)
    // What happened and what next: two halves at least.
    expect(sentence.length).toBeGreaterThan(40)
    expect(sentence.split(/[.;:,] /).length).toBeGreaterThanOrEqual(2)
    expect(sentence).not.toMatch(jargon)
    expect(sentence).not.toContain(code)
  })

  it('has a sentence of its own for every code', () => {
    const sentences = errorCodes.map((code) => sentenceFor(code))
    expect(new Set(sentences).size).toBe(sentences.length)
  })

  it('names the person whom the detail names', () => {
    expect(sentenceFor('TAP_PERSON_ALREADY_COUNTED', { person: 'Ada Byron' })).toContain('Ada Byron has tapped already')
    expect(sentenceFor('SHARE_DAMAGED', { custodian: 'Ada Byron' })).toContain('The share of Ada Byron')
    expect(sentenceFor('SETUP_INCOMPLETE', { people: 'Ada Byron, Rita Okafor' })).toContain('Ada Byron, Rita Okafor')
  })

  it('never shows an id as if it were a name', () => {
    const sentence = sentenceFor('TAP_WRAP_DAMAGED', { custodian: 'AbCdEfGhIjKlMnOpQrStUv' })
    expect(sentence).toContain('one custodian')
    expect(sentence).not.toContain('AbCdEf')
  })

  it('says which rule of the plan is broken', () => {
    expect(sentenceFor('POLICY_INVALID', { field: 'people.1.name', why: 'twice', name: 'Ada Byron' })).toContain(
      'Ada Byron is there twice',
    )
    expect(sentenceFor('POLICY_INVALID', { field: 'x', why: 'a reason of tomorrow' })).toContain('Correct it')
    expect(sentenceFor('WINDOW_OUT_OF_POLICY', { min: 30, max: 300 })).toContain('between 30 and 300 seconds')
  })
})

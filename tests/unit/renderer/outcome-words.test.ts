import { describe, expect, it } from 'vitest'
import { describeOutcome } from '../../../renderer/app/outcome-words.ts'
import { closeReasonSchema } from '../../../shared/audit/entry.ts'

const outcome = {
  operation: 'AAAAAAAAAAAAAAAAAAAAAA',
  kind: 'unseal',
  result: 'done',
  code: null,
  at: '2026-11-23T14:00:00.000Z',
} as const

describe('the end of a window, in words', () => {
  it('says why, for every reason there is', () => {
    const texts = closeReasonSchema.options.map((detail) => describeOutcome({ ...outcome, detail }).text)
    for (const text of texts)
      expect(text).toMatch(/^The window is closed \S.*\. The processes that held the secret have/)
    expect(new Set(texts).size).toBe(texts.length)
    expect(describeOutcome({ ...outcome, detail: 'time-elapsed' })).toEqual({
      tone: 'ok',
      text: 'The window is closed because its time was over. The processes that held the secret have ended.',
    })
  })

  it('says no reason that it does not know', () => {
    expect(describeOutcome({ ...outcome, detail: null }).text).toBe(
      'The window is closed. The processes that held the secret have ended.',
    )
    expect(describeOutcome({ ...outcome, detail: 'because I say so' }).text).not.toContain('because I say so')
  })
})

import { describe, expect, it } from 'vitest'
import { pauseBefore, toFilter, type Choice } from '../../../renderer/app/timeline/timeline-filter.ts'
import { entryTypes } from '../../../shared/audit/entry.ts'

const everything: Choice = { group: 'all', person: 'all', credential: 'all', text: '', from: '', to: '' }

describe("the timeline's filter", () => {
  it('takes whole days of this machine, their last millisecond included', () => {
    const { from, before } = toFilter({ ...everything, from: '2026-11-23', to: '2026-11-23' })
    expect(Date.parse(before!) - Date.parse(from!)).toBe(86_400_000)
    expect(new Date(from!).getHours()).toBe(0)
    expect(new Date(before!).getHours()).toBe(0)
    expect(toFilter({ ...everything, from: '2026-11-', to: '' })).toMatchObject({ from: null, before: null })
  })

  it('has everything that becomes of a request in one group, and what is overdue among the checks', () => {
    const requests = entryTypes.filter((type) => type.startsWith('request.'))
    expect(requests).toContain('request.vetoed')
    expect(toFilter({ ...everything, group: 'requests' }).types).toEqual(expect.arrayContaining(requests))
    expect(toFilter({ ...everything, group: 'checks' }).types).toContain('due.noticed')
  })

  it('asks at once, but not at every letter nor at each of many new entries', () => {
    const shown = toFilter(everything)
    expect(pauseBefore(null, shown)).toBe(0)
    for (const choice of [{ person: 'A'.repeat(22) }, { from: '2026-11-23' }]) {
      expect(pauseBefore(shown, toFilter({ ...everything, ...choice }))).toBe(0)
    }
    expect(pauseBefore(shown, toFilter({ ...everything, text: 'r' }))).toBe(50)
    expect(pauseBefore(shown, { ...shown })).toBe(200)
  })
})

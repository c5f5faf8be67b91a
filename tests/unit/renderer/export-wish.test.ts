import { describe, expect, it } from 'vitest'
import { readExportChoice, type ExportChoice } from '../../../renderer/app/timeline/export-wish.ts'
import { selectionSchema } from '../../../shared/domain/selection.ts'

const id = 'A'.repeat(22)
const nothing: ExportChoice = { kind: 'all', from: '', to: '', credential: null, about: null }

describe('what to export', () => {
  it('is the whole log unless less is asked for', () => {
    expect(readExportChoice(nothing)).toBeNull()
    expect(readExportChoice({ ...nothing, from: '2026-11-01', about: id })).toBeNull()
  })

  it('takes whole days of this machine, and lets one end be open', () => {
    const day = readExportChoice({ ...nothing, kind: 'period', from: '2026-11-23', to: '2026-11-23' })
    if (day?.kind !== 'period') throw new Error('no period')
    expect(Date.parse(day.to) - Date.parse(day.from)).toBe(86_400_000 - 1)
    expect(new Date(day.from).getHours()).toBe(0)
    for (const one of [{ from: '2026-11-23' }, { to: '2026-11-23' }]) {
      const open = readExportChoice({ ...nothing, kind: 'period', ...one })
      expect(selectionSchema.safeParse(open).success).toBe(true)
    }
  })

  it('is not ready while something is missing or contradicts itself', () => {
    for (const kind of ['period', 'credential', 'person'] as const) {
      expect(readExportChoice({ ...nothing, kind })).toBeUndefined()
    }
    expect(readExportChoice({ ...nothing, kind: 'period', from: '2026-11-24', to: '2026-11-23' })).toBeUndefined()
    expect(readExportChoice({ ...nothing, kind: 'person', about: id })).toEqual({ kind: 'person', person: id })
    expect(readExportChoice({ ...nothing, kind: 'credential', credential: id })).toEqual({
      kind: 'credential',
      credential: id,
    })
  })
})

/** What somebody wants exported, as the vault process understands it. */
import type { Selection } from '../../../shared/domain/selection.ts'

export const exportKinds = [
  { id: 'all', name: 'The whole log' },
  { id: 'period', name: 'A period' },
  { id: 'credential', name: 'One credential' },
  { id: 'person', name: 'One person' },
] as const

/** The form's fields; only those of `kind` count. Dates as the browser's date fields give them: `2026-11-23`, or nothing. */
export interface ExportChoice {
  readonly kind: (typeof exportKinds)[number]['id']
  readonly from: string
  readonly to: string
  readonly credential: string | null
  readonly about: string | null
}

const ends = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' }

/** Local midnight of a day, or the last millisecond before the next. */
function dayEdge(day: string, edge: 'begin' | 'end'): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const ms =
    edge === 'begin' ? new Date(year, month - 1, date).getTime() : new Date(year, month - 1, date + 1).getTime() - 1
  return new Date(ms).toISOString()
}

/** @returns null for the whole log; undefined while something is missing or contradicts itself */
export function readExportChoice({ kind, from, to, credential, about }: ExportChoice): Selection | null | undefined {
  switch (kind) {
    case 'all':
      return null
    case 'period':
      // Both open would be the whole log, without what makes it one.
      if ((from === '' && to === '') || (from !== '' && to !== '' && from > to)) return undefined
      return {
        kind,
        from: from === '' ? ends.from : dayEdge(from, 'begin'),
        to: to === '' ? ends.to : dayEdge(to, 'end'),
      }
    case 'credential':
      return credential === null ? undefined : { kind, credential }
    case 'person':
      return about === null ? undefined : { kind, person: about }
  }
}

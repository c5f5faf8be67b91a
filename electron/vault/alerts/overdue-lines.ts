/** What an alert says of each thing that is overdue. Pure. */
import type { Entry } from '../../../shared/audit/entry.ts'
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { formatNumber } from '../../../shared/quantities.ts'

type Noticed = Extract<Entry, { type: 'due.noticed' }>
type Kind = Noticed['data']['items'][number]['kind']

const labels: Readonly<Record<Kind, string>> = {
  rotate: 'To rotate',
  'drill-person': 'To test a key',
  'drill-safe': 'To drill',
  classify: 'To say what it was for',
  channel: 'To test an alert channel',
}

/** One line each: what, and since when. */
export function listOverdueLines({ data: { items, total } }: Noticed): AlertMessage['lines'] {
  const more = total - items.length
  return [
    ...items.map(({ kind, name, dueAt }) => ({ label: labels[kind], value: `${name}, since ${dueAt.slice(0, 10)}` })),
    ...(more > 0 ? [{ label: 'And', value: `${formatNumber(more)} more` }] : []),
  ]
}

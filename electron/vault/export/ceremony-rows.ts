/** The ceremonies of an export as a table: one record each. Minutes themselves stand in the log. */
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'
import { entryTypeNames } from '../../../shared/audit/entry-names.ts'
import { minutesHash } from '../../../shared/audit/minutes.ts'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import type { Minutes } from '../../../shared/domain/ceremony.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { csvRecord } from './csv.ts'

const types = [
  'ceremony.opened',
  'minutes.written',
  'ceremony.cancelled',
  'ceremony.closed',
] as const satisfies readonly EntryType[]
const kinds: ReadonlySet<string> = new Set(types.map((type) => entryTypeNames[type]))

interface Row {
  readonly ceremony: string
  readonly title: string
  readonly kind: string
  readonly lead: string
  readonly opened: string
  ended: string
  result: 'open' | 'closed' | 'given up'
  minutes: { readonly seq: number; readonly content: Minutes } | null
}

const headings = [
  'Ceremony',
  'Kind',
  'Led by',
  'Opened (UTC)',
  'Ended (UTC)',
  'Result',
  'Steps done',
  'Steps left out',
  'Exceptions',
  'Took part',
  'Signs',
  'Entry of the minutes',
  'Hash of the minutes',
]

export interface CeremonyTable {
  /** Takes an entry's bytes; `kind` is what the log's table calls it. */
  readonly take: (bytes: Uint8Array, kind: string) => void
  /** The table's bytes; null when there was no ceremony. */
  readonly finish: () => Uint8Array<ArrayBuffer> | null
}

/** @param nameOf a person's name by id */
export function createCeremonyTable(
  primitives: Pick<Primitives, 'sha256'>,
  nameOf: (person: string) => string,
): CeremonyTable {
  const rows = new Map<string, Row>()

  function learn(entry: Entry): void {
    if (entry.type === 'ceremony.opened') {
      const { ceremony, title, kind, lead } = entry.data
      const end = { ended: '', result: 'open' as const, minutes: null }
      rows.set(ceremony, { ceremony, title, kind, lead: nameOf(lead), opened: entry.at, ...end })
      return
    }
    const row = 'ceremony' in entry.data ? rows.get(entry.data.ceremony) : undefined
    if (row === undefined) return
    if (entry.type === 'minutes.written') row.minutes ??= { seq: entry.seq, content: entry.data.minutes }
    else {
      row.ended = entry.at
      row.result = entry.type === 'ceremony.closed' ? 'closed' : 'given up'
    }
  }

  function describe({ title, kind, lead, opened, ended, result, minutes }: Row): string[] {
    const told = [title, kind, lead, opened, ended, result]
    if (minutes === null) return [...told, ...headings.slice(told.length).map(() => '')]
    const { steps, exceptions, participants } = minutes.content
    const done = steps.filter((step) => step.result === 'done').length
    return [
      ...told,
      String(done),
      String(steps.length - done),
      String(exceptions.length),
      participants.map(({ name }) => name).join('; '),
      participants.flatMap(({ name, signs }) => (signs ? [name] : [])).join('; '),
      String(minutes.seq),
      minutesHash(primitives, minutes.content),
    ]
  }

  return {
    take: (bytes, kind) => {
      if (!kinds.has(kind)) return
      try {
        // Not held against the schema: that is the verifier's work, and this is only a table.
        learn(JSON.parse(fromUtf8(bytes)) as Entry)
      } catch {
        // The log's own table says that the entry cannot be read.
      }
    },
    finish: () =>
      rows.size === 0 ? null : utf8(`\uFEFF${[headings, ...[...rows.values()].map(describe)].map(csvRecord).join('')}`),
  }
}

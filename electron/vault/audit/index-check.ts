/** The index columns beside entries, held against the bytes that were hashed: lists, search and filters read by them. */
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Problem } from '../../../shared/audit/report.ts'
import type { Row } from '../store/driver.ts'
import { indexEntry } from './index-entry.ts'

/** A row's columns that repeat what its entry says. */
export const indexColumns = 'type, at, person, credential, words'

const problemsMax = 100

export interface IndexCheck {
  /** The row at `place` of the log, before its entry is verified. */
  readonly take: (place: number, row: Row) => void
  /** Its entry, once read. */
  readonly check: (entry: Entry, place: number) => void
  readonly problems: () => readonly Problem[]
}

export function createIndexCheck(): IndexCheck {
  const waiting = new Map<number, Row>()
  const credentials = new Map<string, string>()
  const problems: Problem[] = []
  return {
    take: (place, row) => {
      waiting.set(place, row)
    },
    check: (entry, place) => {
      if (entry.type === 'request.opened') {
        credentials.set(entry.data.statement.request, entry.data.statement.credential)
      }
      const row = waiting.get(place)
      // Rows come in order; what could not be read as an entry is behind us too.
      for (const earlier of waiting.keys()) {
        if (earlier > place) break
        waiting.delete(earlier)
      }
      if (row === undefined || problems.length >= problemsMax) return
      const { type, at } = entry
      const wanted = { type, at, ...indexEntry(entry, (request) => credentials.get(request)) }
      const wrong = Object.entries(wanted).find(([column, value]) => row[column] !== value)
      if (wrong === undefined) return
      const listed = wrong[0] === 'type' ? ` as ${String(row['type'])}` : ''
      problems.push({
        code: 'index-mismatch',
        seq: entry.seq,
        detail: `${type} is listed${listed} under another ${wrong[0]}`.slice(0, 300),
      })
    },
    problems: () => problems,
  }
}

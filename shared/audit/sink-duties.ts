/** What entries say about sinks, held against the log that they stand in (docs/format.md, section 5). */
import type { Entry } from './entry.ts'
import type { RecentHeads } from './recent-heads.ts'

export type SinkEntry = Extract<Entry, { type: 'sync.acknowledged' | 'sync.diverged' }>

/**
 * Holds the head or leaf hash that an entry names against this log. An honest entry may name one of any age: what `heads` does
 * not know is believed.
 * @param heads of the log before the entry
 * @returns null, or what does not fit, in plain words with names
 */
export function findSinkProblem(heads: Pick<RecentHeads, 'rootAt' | 'leafAt'>, entry: SinkEntry): string | null {
  const { seq, data } = entry
  if (entry.type === 'sync.acknowledged') {
    const { size, root } = entry.data
    if (size > seq) return `"${data.name}" acknowledged more entries than there were`
    return (heads.rootAt(size) ?? root) === root ? null : `"${data.name}" acknowledged another history of this log`
  }
  const { size, ours } = entry.data
  // Our log was shorter when the sink was asked. It may have grown until this entry was written.
  if (ours === null) return null
  if (size === 0 || size > seq) return `"${data.name}" was compared with an entry that was not there`
  return (heads.leafAt(size - 1) ?? ours) === ours
    ? null
    : `"${data.name}" was compared with another history of this log`
}

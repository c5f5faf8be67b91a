/** Which entries fit a filter, by their place in the list: the newest is at 0. */
import { limits } from '../../../shared/limits.ts'

export interface Found {
  readonly total: number
  /** There may be older ones that a list cannot hold. */
  readonly isCut: boolean
  /** Number of the entry at `place`; -1 beyond the list. */
  readonly seqAt: (place: number) => number
  /** Its place; -1 when it is not in the list. */
  readonly placeOf: (seq: number) => number
  /** First place in `first`..`last` (both included, clamped) whose entry is not in `known`; null when all are. */
  readonly firstMissing: (
    first: number,
    last: number,
    known: { readonly has: (seq: number) => boolean },
  ) => number | null
  /** Numbers of the entries at these places (both included, clamped). */
  readonly seqsBetween: (first: number, last: number) => number[]
}

/** Place of `seq` in `seqs`, which descends; -1 when it is not there. */
function search(seqs: Uint32Array, seq: number): number {
  let low = 0
  let high = seqs.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const value = seqs[middle] ?? -1
    if (value === seq) return middle
    if (value > seq) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/**
 * @param size how long the log was
 * @param seqs descending; null: every entry fits
 */
export function createFound(size: number, seqs: Uint32Array | null): Found {
  const total = Math.min(seqs?.length ?? size, limits.timelineFound)
  const seqAt = (place: number): number => {
    if (place < 0 || place >= total) return -1
    return seqs === null ? size - 1 - place : (seqs[place] ?? -1)
  }
  const between = (first: number, last: number): [number, number] => [Math.max(0, first), Math.min(total - 1, last)]
  return {
    total,
    isCut: seqs === null ? size > total : total === limits.timelineFound,
    seqAt,
    placeOf: (seq) => {
      if (seqs !== null) return search(seqs, seq)
      return seq >= size - total && seq < size ? size - 1 - seq : -1
    },
    firstMissing: (first, last, known) => {
      const [from, to] = between(first, last)
      for (let place = from; place <= to; place++) if (!known.has(seqAt(place))) return place
      return null
    },
    seqsBetween: (first, last) => {
      const [from, to] = between(first, last)
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => seqAt(from + at))
    },
  }
}

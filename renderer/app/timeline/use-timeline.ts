/**
 * The log under a filter, as far as it is looked at: how many entries fit, and those around what is in sight. A million
 * entries are a list of numbers here; entries themselves are asked for when their rows come near.
 */
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { useModel, useStore } from '../use-app.ts'
import { createFound, type Found } from './found.ts'
import { pauseBefore, type Filter } from './timeline-filter.ts'

export interface Timeline {
  readonly found: Found
  /** Entries that are here, by number. */
  readonly entries: ReadonlyMap<number, Entry>
  /** True until it is known what fits this filter. */
  readonly loading: boolean
  readonly error: HalliganError | null
  /** The rows from `first` to `last` (both included) are in sight or near it. */
  readonly show: (first: number, last: number) => void
}

/** Entries kept; beyond that those far from what is in sight are forgotten. */
const keptMax = 2000
const none = createFound(0, null)

/** The timeline under `filter`. */
export function useTimeline(filter: Filter): Timeline {
  const { newest } = useModel()
  const { call } = useStore()
  const [shown, setShown] = useState<{ readonly key: string; readonly found: Found }>({ key: '', found: none })
  const [entries, setEntries] = useState<ReadonlyMap<number, Entry>>(new Map())
  const [error, setError] = useState<HalliganError | null>(null)
  const key = JSON.stringify(filter)
  const wanted = useRef({ first: 0, last: 0 })
  const reading = useRef(false)
  /** Something else came into sight, or another filter, while it was read. */
  const again = useRef(false)

  const find = useEffectEvent(async (isCurrent: () => boolean): Promise<void> => {
    try {
      const { size, seqs } = await call['timeline.find']({ filter })
      if (!isCurrent()) return
      setError(null)
      setShown({ key, found: createFound(size, seqs) })
    } catch (thrown) {
      if (isCurrent()) setError(asHalliganError(thrown))
    }
  })
  const pause = useEffectEvent(() => pauseBefore(shown.key === '' ? null : (JSON.parse(shown.key) as Filter), filter))
  useEffect(() => {
    let current = true
    const timer = setTimeout(() => void find(() => current), pause())
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [key, newest])

  /** Reads what is in sight and not here, a page at a time, until nothing is missing. */
  const read = useEffectEvent(async (): Promise<void> => {
    if (reading.current) {
      again.current = true
      return
    }
    reading.current = true
    again.current = false
    const known = new Map(entries)
    try {
      for (;;) {
        const { found } = shown
        const { first, last } = wanted.current
        const missing = found.firstMissing(first, last, known)
        if (missing === null) break
        const page = await call['timeline.page']({
          before: found.seqAt(missing) + 1,
          limit: Math.min(limits.timelinePage, Math.max(1, last - missing + 1)),
          filter: JSON.parse(shown.key) as Filter,
        })
        if (page.entries.length === 0) break
        if (known.size > keptMax) {
          const near = new Set(found.seqsBetween(first - keptMax / 4, last + keptMax / 4))
          for (const seq of known.keys()) if (!near.has(seq)) known.delete(seq)
        }
        for (const entry of page.entries) known.set(entry.seq, entry)
        setEntries(new Map(known))
      }
    } catch (thrown) {
      setError(asHalliganError(thrown))
    } finally {
      reading.current = false
      setTurn((turn) => (again.current ? turn + 1 : turn))
    }
  })
  const [turn, setTurn] = useState(0)
  const [sight, setSight] = useState('0 0')
  useEffect(() => {
    const timer = setTimeout(() => void read(), 0)
    return () => clearTimeout(timer)
  }, [sight, shown, turn])
  const show = useCallback((first: number, last: number): void => {
    wanted.current = { first, last }
    setSight(`${first} ${last}`)
  }, [])

  return useMemo(
    // Entries under the filter before stay in sight until the next ones are there: no flicker.
    () => ({ found: shown.found, entries, loading: shown.key !== key, error, show }),
    [shown, entries, key, error, show],
  )
}

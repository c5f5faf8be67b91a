/** Pages of the log under a filter, newest first, kept up as entries are added. */
import { useEffect, useEffectEvent, useState } from 'react'
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { useModel, useStore } from '../use-app.ts'

export interface Filter {
  readonly types: EntryType[]
  readonly person: string | null
  readonly credential: string | null
  readonly text: string
}

interface Pages {
  /** The filter these belong to, as text. */
  readonly key: string
  readonly entries: readonly Entry[]
  readonly more: boolean
}

export interface Timeline {
  readonly entries: readonly Entry[]
  readonly more: boolean
  /** True until the first page under this filter is there. */
  readonly loading: boolean
  readonly error: HalliganError | null
  readonly loadOlder: () => void
}

/** Typing does not ask at every letter, nor a burst of entries at each. */
const pauseMs = 200

/** `fresh` in front of what is known already; both newest first. */
function mergeEntries(fresh: readonly Entry[], known: readonly Entry[]): readonly Entry[] {
  const oldest = fresh.at(-1)?.seq ?? Infinity
  return [...fresh, ...known.filter(({ seq }) => seq < oldest)]
}

/** The timeline under `filter`. */
export function useTimeline(filter: Filter): Timeline {
  const { newest } = useModel()
  const { call } = useStore()
  const [pages, setPages] = useState<Pages>({ key: '', entries: [], more: false })
  const [error, setError] = useState<HalliganError | null>(null)
  const key = JSON.stringify(filter)

  const loadNewest = useEffectEvent(async (isCurrent: () => boolean): Promise<void> => {
    try {
      const page = await call['timeline.page']({ before: null, limit: limits.timelinePage, filter })
      if (!isCurrent()) return
      setError(null)
      setPages((old) =>
        old.key === key && old.entries.length > page.entries.length
          ? { ...old, entries: mergeEntries(page.entries, old.entries) }
          : { key, ...page },
      )
    } catch (thrown) {
      if (isCurrent()) setError(asHalliganError(thrown))
    }
  })
  const pause = useEffectEvent(() => (pages.key === '' ? 0 : pauseMs))
  useEffect(() => {
    let current = true
    const timer = setTimeout(() => void loadNewest(() => current), pause())
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [key, newest])

  const loadOlder = async (): Promise<void> => {
    const oldest = pages.entries.at(-1)
    if (oldest === undefined) return
    try {
      const page = await call['timeline.page']({ before: oldest.seq, limit: limits.timelinePage, filter })
      setPages((old) =>
        old.key === key
          ? { key, entries: [...old.entries, ...page.entries.filter(({ seq }) => seq < oldest.seq)], more: page.more }
          : old,
      )
    } catch (thrown) {
      setError(asHalliganError(thrown))
    }
  }
  return {
    // Entries under the filter before stay in sight until the next ones are there: no flicker.
    entries: pages.entries,
    more: pages.more && pages.key === key,
    loading: pages.key !== key,
    error,
    loadOlder: () => void loadOlder(),
  }
}

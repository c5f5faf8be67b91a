/** Counts who was turned away and tells it in groups: a port scan must not write a thousand entries into the log. */
import { tapPageRefusalSchema, type TapPageRefusal } from '../../shared/domain/tap-place.ts'

/** How long refusals of a code that was told before are gathered (ms). */
const gatherMs = 2_000

export interface Refusals {
  /** The first of each code is told at once, later ones together. */
  readonly add: (code: TapPageRefusal) => void
  /** Tells what has not been told yet; nothing is told later. */
  readonly end: () => void
}

/** @param tell receives a code and how often it happened since it was last told (at least once) */
export function createRefusals(tell: (code: TapPageRefusal, count: number) => void): Refusals {
  const known = new Set<TapPageRefusal>()
  const untold = new Map<TapPageRefusal, number>()
  let timer: NodeJS.Timeout | null = null
  const tellAll = (): void => {
    timer = null
    for (const code of tapPageRefusalSchema.options) {
      const count = untold.get(code)
      if (count !== undefined) tell(code, count)
    }
    untold.clear()
  }
  let ended = false
  return {
    add: (code) => {
      if (ended) return
      if (!known.has(code)) {
        known.add(code)
        tell(code, 1)
        return
      }
      untold.set(code, (untold.get(code) ?? 0) + 1)
      timer ??= setTimeout(tellAll, gatherMs)
    },
    end: () => {
      ended = true
      if (timer !== null) clearTimeout(timer)
      tellAll()
    },
  }
}

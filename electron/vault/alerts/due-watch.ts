/**
 * Looks from time to time whether something is overdue and says so in the log, once a day; the alert goes out with that entry.
 * Whoever asks for a credential never waits for it: it looks when nothing runs.
 */
import type { EntryData } from '../../../shared/audit/entry.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import { readEntry } from '../audit/timeline.ts'
import { stationActor, type VaultContext } from '../context.ts'
import type { Catalogue } from '../credentials/catalogue.ts'
import type { DueFact } from '../credentials/due.ts'
import type { Integrity } from '../integrity.ts'
import type { Timers } from '../sync/timers.ts'
import type { Alerts } from './alerts.ts'

/** From the start of the app: whoever starts it in an emergency is first. */
const startMs = 5_000
const lookMs = 3_600_000
/** While something runs. */
const busyMs = 60_000
const dayMs = 86_400_000
/**
 * Between two entries of one app start, whatever the wall clock says meanwhile: a clock that is set to and fro makes no flood.
 * Less than a day, for the monotonic clock stands still while the machine sleeps.
 */
const leastMs = 6 * 3_600_000
/** As many as an entry holds. */
const itemsMax = 20

export interface DueWatchMeans {
  readonly context: Pick<VaultContext, 'log' | 'store' | 'clock'>
  readonly integrity: Pick<Integrity, 'requireIntact'>
  readonly catalogue: Pick<Catalogue, 'settle'>
  readonly alerts: Pick<Alerts, 'settle'>
  /** Most urgent first. */
  readonly overdue: () => readonly DueFact[]
  /** True while an operation runs. */
  readonly isBusy: () => boolean
  readonly timers: Timers
}

export interface DueWatch {
  readonly stop: () => void
}

const describeOverdue = (overdue: readonly DueFact[]): EntryData<'due.noticed'> => ({
  total: overdue.length,
  items: overdue.slice(0, itemsMax).map(({ kind, name, dueMs }) => ({ kind, name, dueAt: toTimestamp(dueMs) })),
})

export function createDueWatch(means: DueWatchMeans): DueWatch {
  const { context, integrity, catalogue, alerts, overdue, isBusy, timers } = means
  const { log, store, clock } = context
  let stopped = false
  let cancel = (): void => undefined
  /** Both clocks (ms) when it was said last; the wall clock's alone of an earlier start. Undefined: not read yet; null: never. */
  let last: { readonly wall: number; readonly monotonic: number | null } | null | undefined
  const startedAt = clock.monotonic()

  async function findLast(): Promise<typeof last> {
    const row = await store.database.get(
      `SELECT bytes FROM entries WHERE type = 'due.noticed' ORDER BY seq DESC LIMIT 1`,
    )
    return row === undefined ? null : { wall: Date.parse(readEntry(row['bytes']).at), monotonic: null }
  }

  /**
   * A day by either clock, in either direction: a wall clock that is set forward or back makes it neither flood nor silent.
   */
  async function isTime(): Promise<boolean> {
    last ??= await findLast()
    if (last === null || last === undefined) return true
    if (last.monotonic !== null && clock.monotonic() - last.monotonic < leastMs) return false
    const isDayOld = Math.abs(clock.wall() - last.wall) >= dayMs
    return isDayOld || clock.monotonic() - (last.monotonic ?? startedAt) >= dayMs
  }

  /** @returns ms until the next look. @throws HalliganError VAULT_DAMAGED, STORAGE_* */
  async function look(): Promise<number> {
    if (isBusy()) return busyMs
    await integrity.requireIntact()
    await catalogue.settle()
    await alerts.settle()
    const found = overdue()
    if (found.length === 0 || !(await isTime())) return lookMs
    if (isBusy()) return busyMs
    if (isStopped()) return lookMs
    const noticed = { type: 'due.noticed', actor: stationActor, data: describeOverdue(found) } as const
    await log.append([noticed])
    last = { wall: clock.wall(), monotonic: clock.monotonic() }
    return lookMs
  }

  const isStopped = (): boolean => stopped

  function lookIn(ms: number): void {
    if (stopped) return
    cancel = timers.after(ms, () => {
      // A vault that is damaged has other sorrows; a disk that is full or busy may have room an hour later.
      void look().then(lookIn, () => lookIn(lookMs))
    })
  }

  lookIn(startMs)
  return {
    stop: () => {
      stopped = true
      cancel()
    },
  }
}

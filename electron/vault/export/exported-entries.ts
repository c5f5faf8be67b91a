/** The entries of an export, batch by batch, however many there are. */
import { createPartPlanner, type PartPlan } from '../../../shared/audit/part-plan.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import type { Store } from '../store/store.ts'

const batchSize = 500

export type EntryBatch = readonly Uint8Array[]

async function* readRange(store: Store, size: number): AsyncGenerator<EntryBatch> {
  for (let from = 0; from < size; from += batchSize) {
    const rows = await store.database.all(
      'SELECT bytes FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq',
      from,
      Math.min(from + batchSize, size),
    )
    yield rows.map(({ bytes }) => bytes as Uint8Array)
  }
}

async function* readChosen(store: Store, shown: readonly number[]): AsyncGenerator<EntryBatch> {
  for (let from = 0; from < shown.length; from += batchSize) {
    const chosen = shown.slice(from, from + batchSize)
    const places = chosen.map(() => '?').join(', ')
    const rows = await store.database.all(`SELECT bytes FROM entries WHERE seq IN (${places}) ORDER BY seq`, ...chosen)
    yield rows.map(({ bytes }) => bytes as Uint8Array)
  }
}

/** What an export shows. */
export interface ExportedEntries {
  /** Can be read as often as needed. */
  readonly read: () => AsyncIterable<EntryBatch>
  readonly selected: number
  readonly shown: number
  /** Null: the whole log. */
  readonly plan: PartPlan | null
}

/** Nothing has ever been said of it: that is a mistyped name, not an empty answer. */
function refuseUnknown(selection: Selection): never {
  throw new HalliganError(selection.kind === 'person' ? 'PERSON_UNKNOWN' : 'CREDENTIAL_UNKNOWN')
}

/**
 * Finds the entries of the first `size` that `selection` asks for.
 * @throws HalliganError CANCELLED after `stop`, LOG_INVALID {seq}, PERSON_UNKNOWN, CREDENTIAL_UNKNOWN when no entry names it
 */
export async function chooseEntries(
  store: Store,
  primitives: Primitives,
  selection: Selection | null,
  size: number,
  stop?: AbortSignal,
): Promise<ExportedEntries> {
  if (selection === null) return { read: () => readRange(store, size), selected: size, shown: size, plan: null }
  const planner = createPartPlanner(primitives, selection)
  for await (const batch of readRange(store, size)) {
    if (stop?.aborted === true) throw new HalliganError('CANCELLED')
    for (const bytes of batch) planner.add(bytes)
  }
  const plan = planner.finish()
  if (plan.selected === 0 && selection.kind !== 'period') refuseUnknown(selection)
  const { shown, selected } = plan
  return { read: () => readChosen(store, shown), selected, shown: shown.length, plan }
}

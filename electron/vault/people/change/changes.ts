/**
 * The change of people that is being prepared, of which there is one at most: what is wanted, who has come for it, and in the end
 * the operation that puts it in force. Public face of this folder.
 */
import { custodiansOf } from '../../../../shared/audit/manifest-signers.ts'
import type { ChangeView, PeopleChange } from '../../../../shared/contracts/people-views.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import type { VaultContext } from '../../context.ts'
import type { Catalogue } from '../../credentials/catalogue.ts'
import type { Operation } from '../../operations/operation.ts'
import type { History } from '../../requests/history.ts'
import type { Registry } from '../registry.ts'
import { createArrival } from './arrive.ts'
import {
  deleteChangeDraft,
  loadChangeDraft,
  saveChangeDraft,
  type ChangeDraft,
  type ChangeHolder,
} from './change-draft.ts'
import { describePeopleChange } from './change-lines.ts'
import { checkChange, findArrival, findChangedSafes, findComing } from './change-rules.ts'
import { clearStaged } from './record-pages.ts'
import { createReshare } from './reshare.ts'
import { findAllLeavers, findOldRecords, type OldRecord } from './reshare-plan.ts'

export interface Changes {
  /** Null when none is prepared. */
  readonly view: () => ChangeView | null
  /** @throws HalliganError CHANGE_OPEN once somebody has come for it, POLICY_INVALID {field, why, name}, VAULT_NOT_READY */
  readonly set: (change: PeopleChange) => Promise<void>
  /** @throws HalliganError CHANGE_UNKNOWN */
  readonly discard: () => Promise<void>
  /** @throws HalliganError CHANGE_UNKNOWN, PERSON_UNKNOWN, MESSAGE_INVALID */
  readonly enrol: (person: string, labels: readonly string[]) => Operation
  /** @throws HalliganError CHANGE_UNKNOWN, CHANGE_INCOMPLETE {people}, AMENDMENT_EMPTY, POLICY_INVALID, MANIFEST_INVALID */
  readonly apply: () => Promise<Operation>
}

export interface ChangeMeans {
  readonly context: VaultContext
  readonly registry: Registry
  readonly catalogue: Pick<Catalogue, 'list'>
  readonly history: Pick<History, 'reseals'>
  readonly onChange: () => void
}

/** What a crash left aside of a switch that did not come is of no use: the change itself is still there. */
async function clearLeftovers({ store }: VaultContext): Promise<void> {
  const left = await store.database.get('SELECT 1 AS one FROM new_records LIMIT 1')
  if (left === undefined) return
  await store.database.transaction(clearStaged)
  await store.eraseRemnants()
}

/** The change as far as the database says it has come. */
export async function loadChanges(means: ChangeMeans): Promise<Changes> {
  const { context, registry, catalogue, onChange } = means
  const { database } = context.store
  // A disk that is full or cannot be written is no reason to keep anybody from what they need in an emergency.
  await clearLeftovers(context).catch(() => undefined)
  let draft: ChangeDraft | null = await loadChangeDraft(database)
  /** Counted for the log of this size; null when it has to be done anew. */
  let counted: { readonly size: number; readonly records: readonly OldRecord[] } | null = null
  let counting = false

  const holder: ChangeHolder = {
    get: () => {
      if (draft === null) throw new HalliganError('CHANGE_UNKNOWN')
      return draft
    },
    set: (next) => {
      draft = next
      if (next === null) counted = null
    },
  }

  async function count(): Promise<void> {
    const inForce = registry.inForce()
    if (counting || draft === null || inForce === null) return
    counting = true
    try {
      const { size } = context.log.head()
      counted = { size, records: await findOldRecords(database, inForce.manifest, draft.change) }
    } finally {
      counting = false
    }
  }

  function recount(): void {
    void count().then(onChange, () => undefined)
  }

  async function check(change: PeopleChange): Promise<void> {
    checkChange(registry.require().manifest, change, await catalogue.list())
  }

  function view(): ChangeView | null {
    const inForce = registry.inForce()
    if (draft === null || inForce === null) return null
    const { manifest } = inForce
    const current = draft
    const { change } = current
    if (counted?.size !== context.log.head().size) recount()
    const records = counted?.records ?? []
    const held = new Set([...findChangedSafes(manifest, change), ...records.map(({ to }) => to)])
    const isHere = (person: string): boolean => findArrival(manifest, current, person) !== undefined
    return {
      change,
      lines: describePeopleChange(manifest, change),
      missing: findComing(manifest, change)
        .filter(({ person }) => !isHere(person.id))
        .map(({ person, kind, safes }) => ({
          person: person.id,
          name: person.name,
          kind,
          safes: safes.map(({ id }) => id),
        })),
      enrolled: findComing(manifest, change).flatMap(({ person }) => {
        const arrival = findArrival(manifest, current, person.id)
        return arrival === undefined ? [] : [{ person: person.id, labels: arrival.keys.map(({ label }) => label) }]
      }),
      records: records.length,
      leavers: findAllLeavers(manifest, change, records),
      signers: { quorum: manifest.quorum, from: [...custodiansOf(manifest)] },
      checkers: [...new Set(change.safes.filter(({ id }) => held.has(id)).flatMap(({ custodians }) => custodians))],
    }
  }

  return {
    view,
    set: async (change) => {
      if (draft !== null && draft.arrivals.length > 0) throw new HalliganError('CHANGE_OPEN')
      await check(change)
      const next: ChangeDraft = { change, arrivals: [] }
      await database.transaction((statements) => saveChangeDraft(statements, next))
      draft = next
      counted = null
      await count()
    },
    discard: async () => {
      holder.get()
      await database.transaction(deleteChangeDraft)
      holder.set(null)
      await context.store.eraseRemnants()
    },
    enrol: (person, labels) => createArrival(context, registry, holder, person, labels),
    apply: async () => {
      // What was sealed, named or struck off since it was written down counts too.
      await check(holder.get().change)
      return createReshare({ ...means, holder })
    },
  }
}

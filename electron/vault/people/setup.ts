/** Set-up: the plan, everybody's keys, the first manifest. Public face of this folder, with registry.ts and wraps.ts. */
import type { z } from 'zod'
import type { setupStateSchema } from '../../../shared/contracts/app.ts'
import type { Plan } from '../../../shared/contracts/plan.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAcknowledgement } from './acknowledge.ts'
import { emptyDraft, loadDraft, saveDraft, type Draft, type DraftHolder } from './draft.ts'
import { createEnrolment } from './enrol.ts'
import { checkPlan, checkPlanComplete, needsKey } from './plan.ts'
import type { Registry } from './registry.ts'
import { deleteWraps } from './wraps.ts'

type SetupState = z.infer<typeof setupStateSchema>

export interface Setup {
  /** Null when the vault is ready. */
  readonly state: () => SetupState | null
  /** The planned people with the keys enrolled so far; empty when the vault is ready. */
  readonly people: () => Person[]
  /** @throws HalliganError SETUP_CLOSED, POLICY_INVALID */
  readonly setPlan: (plan: Plan) => Promise<void>
  /** @throws HalliganError SETUP_CLOSED */
  readonly replan: () => Promise<void>
  /** @throws HalliganError SETUP_CLOSED, PERSON_UNKNOWN, POLICY_INVALID */
  readonly enrol: (person: string, labels: readonly string[]) => Operation
  /** @throws HalliganError SETUP_CLOSED, SETUP_INCOMPLETE {people} */
  readonly acknowledge: () => Promise<Operation>
}

/** Names of those whose keys are still missing. */
const missingKeys = ({ plan, enrolled }: Draft): string[] =>
  plan.people
    .filter(
      (person) =>
        needsKey(person, plan.safes) && !enrolled.some(({ person: id, keys }) => id === person.id && keys.length > 0),
    )
    .map(({ name }) => name)

function stepOf(draft: Draft): SetupState['step'] {
  if (draft.enrolled.length === 0) return 'plan'
  return missingKeys(draft).length > 0 ? 'keys' : 'acknowledge'
}

/** Set-up of the vault, as far as the database says it has come. */
export async function loadSetup(context: VaultContext, registry: Registry): Promise<Setup> {
  let draft = registry.inForce() === null ? ((await loadDraft(context.store.database)) ?? emptyDraft) : null
  const holder: DraftHolder = {
    get: () => {
      if (draft === null) throw new HalliganError('SETUP_CLOSED')
      return draft
    },
    set: (next) => {
      draft = next
    },
  }

  async function store(next: Draft, forgetWraps: boolean): Promise<void> {
    await context.store.database.transaction(async (statements) => {
      if (forgetWraps) await deleteWraps(statements, null)
      await saveDraft(statements, next)
    })
    holder.set(next)
  }

  return {
    state: () => {
      if (draft === null) return null
      return {
        step: stepOf(draft),
        plan: draft.plan,
        enrolled: draft.enrolled.map(({ person, keys }) => ({
          person,
          keys: keys.map(({ credentialId, label }) => ({ credentialId, label })),
        })),
        acknowledged: draft.signatures.map(({ person }) => person),
      }
    },
    people: () =>
      (draft?.plan.people ?? []).map((person) => ({
        ...person,
        keys: draft?.enrolled.find((one) => one.person === person.id)?.keys ?? [],
      })),
    setPlan: async (plan) => {
      const before = holder.get()
      if (before.enrolled.length > 0) throw new HalliganError('SETUP_CLOSED')
      checkPlan(plan)
      await store({ ...before, plan }, false)
    },
    replan: async () => {
      await store({ ...emptyDraft, plan: holder.get().plan }, true)
    },
    enrol: (person, labels) => {
      checkPlanComplete(holder.get().plan)
      return createEnrolment(context, holder, person, labels)
    },
    acknowledge: async () => {
      const current = holder.get()
      const missing = missingKeys(current)
      if (missing.length > 0 || current.enrolled.length === 0) {
        throw new HalliganError('SETUP_INCOMPLETE', { people: missing.join(', ').slice(0, 300) })
      }
      return createAcknowledgement(context, holder, registry)
    },
  }
}

/** What one named person does with one tap, without a quorum: the vault writes the statement, the strongroom collects the tap. */
import type { ActDetail, ActStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import type { PlainAct } from '../../../shared/contracts/strongroom.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import { checkActTap, writeActStatement } from './act-statement.ts'
import type { Registry } from './registry.ts'

export interface Act {
  readonly kind: PlainAct
  /** Whose tap it takes. */
  readonly person: string
  readonly detail: ActDetail
  /** Of a ceremony that is opened. */
  readonly script?: ScriptStep[]
  /** Appends the act's own entry, or begins what will. */
  readonly perform: (statement: ActStatement, tap: Tap, operation: string) => Promise<void> | void
  /** What `perform` begins goes on after the operation, and says itself how it ended. */
  readonly endsLater?: boolean
}

/**
 * An operation for `act`.
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, SETUP_INCOMPLETE {people} when the person has no security key
 */
export function createAct(context: VaultContext, registry: Registry, act: Act): Operation {
  const { hash } = registry.require()
  const person = registry.requirePerson(act.person)
  if (person.keys.length === 0) throw new HalliganError('SETUP_INCOMPLETE', { people: person.name })
  const id = newId(context)
  const statement = writeActStatement(context, { person: person.id, manifest: hash, detail: act.detail })
  let isPerformed = false

  const operation = createPlainOperation(context, {
    id,
    kind: act.kind,
    person: person.id,
    need: 1,
    job: {
      kind: 'act',
      ...vaultFacts(context, id),
      manifests: registry.chain(),
      statement,
      script: act.script ?? null,
    },
    calls: {
      acted: async ({ tap }) => {
        insist(!isPerformed, 'acted-twice')
        checkActTap(context, registry, statement, tap)
        await act.perform(statement, tap, id)
        isPerformed = true
        return {}
      },
    },
    isDone: () => isPerformed,
  })
  const endsLater = (): boolean => act.endsLater === true && isPerformed
  return { ...operation, conclude: async (ending) => (endsLater() ? null : operation.conclude(ending)) }
}

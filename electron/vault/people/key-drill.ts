/** A key drill: one security key opens its own wraps. Passed or not, the log says so. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import { hasGoneBack } from '../../../shared/domain/sign-count.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { insist, newId, personActor, stationActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { loadSignCounts, readSignCount, saveSignCount } from '../requests/sign-counts.ts'
import { checkActTap, writeActStatement } from './act-statement.ts'
import { requireKey } from './key-care.ts'
import type { Registry } from './registry.ts'
import { loadWrapsOf, saveWrap } from './wraps.ts'

type DrillPassed = Input<typeof strongroomContract, 'drillPassed'>

/** Each renewed wrap may only replace one that this key holds, for the same secret key. */
function checkWraps(wraps: readonly Wrap[], custodies: readonly Custody[], vault: string, tap: Tap): void {
  insist(new Set(wraps.map(({ safe }) => safe)).size === wraps.length, 'wraps')
  for (const wrap of wraps) {
    const custody = custodies.find(({ safe }) => safe === wrap.safe)
    insist(wrap.vault === vault && wrap.person === tap.person && wrap.key === tap.key, 'wrap')
    insist(custody?.publicKey === wrap.publicKey, 'wrap-public-key')
    insist(needsPassphrase(wrap) === custody.passphrase, 'wrap-passphrase')
  }
}

/** @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, KEY_UNKNOWN {person} */
export async function createKeyDrill(
  context: VaultContext,
  registry: Registry,
  input: Input<typeof appContract, 'keys.test'>,
): Promise<Operation> {
  const { manifest, hash } = registry.require()
  const { person, key } = requireKey(registry, input.person, input.key)
  const { genesis } = context.log
  const custodies = custodiesOf(manifest, person.id)
  const { database } = context.store
  const wraps = (await loadWrapsOf(database, person.id)).filter((wrap) => wrap.key === key.credentialId)
  const signCounts = await loadSignCounts(database, [key.credentialId])
  const countBefore = signCounts[0]?.count ?? 0
  const id = newId(context)
  const statement = writeActStatement(context, {
    person: person.id,
    manifest: hash,
    detail: { kind: 'key-drill', key: key.credentialId, safes: custodies.map(({ safe }) => safe) },
  })
  let isPassed = false
  let hasErased = false
  /** Why the newest touch was refused. */
  let refusal: ErrorCode | null = null

  async function pass({ tap, wraps: renewed }: DrillPassed): Promise<void> {
    insist(!isPassed, 'passed-twice')
    checkActTap(context, registry, statement, tap)
    checkWraps(renewed, custodies, genesis.vault, tap)
    const signCount = readSignCount(tap.assertion)
    const signCountWentBack = hasGoneBack(countBefore, signCount)
    const entry: NewEntry = {
      type: 'drill.passed',
      actor: personActor(person, true),
      data: { kind: 'key', statement, key: tap.key, assertion: tap.assertion, signCount, signCountWentBack },
    }
    await context.log.append([entry], async (statements) => {
      await saveSignCount(statements, tap.key, signCount)
      for (const wrap of renewed) await saveWrap(statements, wrap)
    })
    isPassed = true
    hasErased = renewed.length > 0
  }

  const operation = createPlainOperation(context, {
    id,
    kind: 'key-drill',
    person: person.id,
    need: Math.max(1, custodies.length),
    job: { kind: 'key-drill', ...vaultFacts(context, id), manifests: registry.chain(), statement, wraps, signCounts },
    calls: {
      drillPassed: async (passed) => {
        await pass(passed)
        return {}
      },
    },
    isDone: () => isPassed,
  })
  return {
    ...operation,
    noteRefusal: (code) => {
      refusal = code
    },
    conclude: async (ending) => {
      const outcome = await operation.conclude(ending)
      // A key that does not work when it is tested is worth a line of its own, whoever gave up.
      if (!isPassed) {
        const data = { kind: 'key' as const, person: person.id, key: key.credentialId }
        const code = refusal ?? outcome.code ?? 'INTERNAL'
        await context.log.append([{ type: 'drill.failed', actor: stationActor, data: { ...data, code } }])
      }
      // Replaced wraps must be gone from the write-ahead log too: an old one opens with an old PRF output.
      if (hasErased) await context.store.eraseRemnants()
      return outcome.result === 'cancelled' ? { ...outcome, detail: refusal } : outcome
    },
  }
}

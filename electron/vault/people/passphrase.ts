/** A new passphrase for one security key, by its owner's tap. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, personActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { checkActTap, writeActStatement } from './act-statement.ts'
import { requireKey } from './key-care.ts'
import type { Registry } from './registry.ts'
import { loadWrapsOf, saveWrap } from './wraps.ts'

type Changed = Input<typeof strongroomContract, 'passphraseChanged'>

/** Exactly the key's wraps, each in the place of its predecessor and under another stretching. */
function checkWraps(wraps: readonly Wrap[], before: readonly Wrap[]): void {
  insist(wraps.length === before.length && new Set(wraps.map(({ safe }) => safe)).size === wraps.length, 'wraps')
  for (const wrap of wraps) {
    const old = before.find(({ safe }) => safe === wrap.safe)
    insist(old !== undefined && needsPassphrase(old) && needsPassphrase(wrap), 'wrap-format')
    insist(wrap.vault === old.vault && wrap.person === old.person && wrap.key === old.key, 'wrap')
    insist(wrap.publicKey === old.publicKey, 'wrap-public-key')
    // The salt tells: with the old one it could be the old passphrase.
    insist(wrap.stretch.salt !== old.stretch.salt, 'wrap-stretch')
  }
}

/**
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, KEY_UNKNOWN {person}; POLICY_INVALID {field, why} when no safe of
 *   theirs asks for a passphrase.
 */
export async function createPassphraseChange(
  context: VaultContext,
  registry: Registry,
  input: Input<typeof appContract, 'keys.passphrase'>,
): Promise<Operation> {
  const { manifest, hash } = registry.require()
  const { person, key } = requireKey(registry, input.person, input.key)
  const safes = manifest.safes.filter(
    ({ policy, custodians }) => policy.passphrase === true && custodians.some((one) => one.person === person.id),
  )
  if (safes.length === 0) throw new HalliganError('POLICY_INVALID', { field: 'passphrase', why: 'no-passphrase' })
  const isAsked = (wrap: Wrap): boolean => wrap.key === key.credentialId && safes.some(({ id }) => id === wrap.safe)
  const wraps = (await loadWrapsOf(context.store.database, person.id)).filter(isAsked)
  const id = newId(context)
  const statement = writeActStatement(context, {
    person: person.id,
    manifest: hash,
    detail: { kind: 'passphrase', key: key.credentialId, safes: safes.map((safe) => safe.id) },
  })
  let isChanged = false

  async function change({ tap, wraps: next }: Changed): Promise<void> {
    insist(!isChanged, 'changed-twice')
    checkActTap(context, registry, statement, tap)
    checkWraps(next, wraps)
    const entry: NewEntry = {
      type: 'passphrase.changed',
      actor: personActor(person, true),
      data: { statement, key: tap.key, assertion: tap.assertion },
    }
    await context.log.append([entry], async (statements) => {
      for (const wrap of next) await saveWrap(statements, wrap)
    })
    isChanged = true
  }

  const operation = createPlainOperation(context, {
    id,
    kind: 'passphrase',
    person: person.id,
    need: 1,
    job: { kind: 'passphrase', ...vaultFacts(context, id), manifests: registry.chain(), statement, wraps },
    calls: {
      passphraseChanged: async (changed) => {
        await change(changed)
        return {}
      },
    },
    isDone: () => isChanged,
  })
  return {
    ...operation,
    conclude: async (ending) => {
      const outcome = await operation.conclude(ending)
      // The replaced wraps must be gone from the write-ahead log too: they open with the old passphrase.
      if (isChanged) await context.store.eraseRemnants()
      return outcome
    },
  }
}

/** Looking after security keys once the vault is ready: their names, and striking off a lost one. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { custodiansOf } from '../../../shared/audit/manifest-signers.ts'
import type { Manifest, Person, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAmendment } from './amendment.ts'
import type { Registry } from './registry.ts'

/** @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, KEY_UNKNOWN {person} */
export function requireKey(
  registry: Registry,
  personId: string,
  credentialId: string,
): { person: Person; key: SecurityKey } {
  const person = registry.requirePerson(personId)
  const key = registry.keyOf(personId, credentialId)
  if (key === undefined) throw new HalliganError('KEY_UNKNOWN', { person: person.name })
  return { person, key }
}

/** The manifest with one person's keys changed. */
export const withKeys = (
  manifest: Manifest,
  personId: string,
  change: (keys: readonly SecurityKey[]) => SecurityKey[],
): Manifest => ({
  ...manifest,
  persons: manifest.persons.map((person) =>
    person.id === personId ? { ...person, keys: change(person.keys) } : person,
  ),
})

/**
 * Another name for a key; its owner signs.
 * @throws HalliganError KEY_UNKNOWN {person}, PERSON_UNKNOWN, AMENDMENT_EMPTY, VAULT_NOT_READY
 */
export async function renameKey(
  context: VaultContext,
  registry: Registry,
  { person, key, label }: Input<typeof appContract, 'keys.rename'>,
): Promise<Operation> {
  requireKey(registry, person, key)
  return createAmendment(context, registry, (manifest) =>
    withKeys(manifest, person, (keys) => keys.map((one) => (one.credentialId === key ? { ...one, label } : one))),
  )
}

/**
 * Strikes off a lost key; a quorum signs. Its wraps go with it.
 * @throws HalliganError KEY_LAST {person, why} when a custodian, or who can stop a waiting request, would have none left, KEY_UNKNOWN {person}, PERSON_UNKNOWN,
 *   VAULT_NOT_READY
 */
export async function retireKey(
  context: VaultContext,
  registry: Registry,
  { person: id, key }: Input<typeof appContract, 'keys.retire'>,
): Promise<Operation> {
  const { person } = requireKey(registry, id, key)
  if (person.keys.length === 1) {
    const { manifest } = registry.require()
    if (custodiansOf(manifest).has(id)) throw new HalliganError('KEY_LAST', { person: person.name, why: 'custodian' })
    if (manifest.safes.some(({ policy }) => policy.delay?.vetoers.includes(id) === true))
      throw new HalliganError('KEY_LAST', { person: person.name, why: 'vetoer' })
  }
  return createAmendment(context, registry, (manifest) =>
    withKeys(manifest, id, (keys) => keys.filter(({ credentialId }) => credentialId !== key)),
  )
}

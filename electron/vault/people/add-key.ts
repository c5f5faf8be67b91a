/** One more security key for somebody who has one: their own tap signs it into the manifest, no quorum is needed. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { checkContinuation, manifestHash } from '../../../shared/audit/manifest.ts'
import { createSigning, mustProveModels } from '../../../shared/audit/manifest-signers.ts'
import { sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import { custodiesOf } from '../../../shared/domain/custody.ts'
import { checkKeyModel } from '../../../shared/domain/key-models.ts'
import type { Manifest, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { insist, newId, personActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { checkSigner, describeChange, describeSignature, storeManifest } from './amendment.ts'
import { withKeys } from './key-care.ts'
import type { Registry } from './registry.ts'
import { loadWrapsOf, saveWrap } from './wraps.ts'

type KeyAdded = Input<typeof strongroomContract, 'keyAdded'>

const isSame = (a: unknown, b: unknown): boolean => sameBytes(canonicalBytes(a), canonicalBytes(b))

/** The new key, when `next` is the version in force with that key of this person behind the others, and nothing else. */
function findAddedKey(registry: Registry, next: Manifest, person: string, label: string): SecurityKey {
  const { manifest, hash } = registry.require()
  const added = next.persons.find(({ id }) => id === person)?.keys.at(-1)
  insist(added?.label === label, 'label')
  const expected = {
    ...withKeys(manifest, person, (keys) => [...keys, added]),
    version: manifest.version + 1,
    previous: hash,
    createdAt: next.createdAt,
  }
  insist(isSame(next, expected), 'manifest')
  const broken = checkContinuation(manifest, hash, next)
  if (broken !== null) throw new HalliganError('MANIFEST_INVALID', { detail: broken.detail })
  return added
}

/** Exactly one wrap for each safe of the person, under the new key, of the key pair that the manifest names. */
function checkWraps(wraps: readonly Wrap[], { vault, safes }: Manifest, person: string, key: string): void {
  const custodies = custodiesOf({ safes }, person)
  insist(wraps.length === custodies.length, 'wraps')
  for (const { safe, publicKey, passphrase } of custodies) {
    const wrap = wraps.find((one) => one.safe === safe)
    insist(wrap?.vault === vault && wrap.person === person && wrap.key === key, 'wrap')
    insist(wrap.publicKey === publicKey, 'wrap-public-key')
    insist(needsPassphrase(wrap) === passphrase, 'wrap-passphrase')
  }
}

/**
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, KEY_UNKNOWN {person} when they have no key that could sign, KEY_LIMIT
 *   {person, most}, POLICY_INVALID {field, why: 'models', name} when a safe of theirs names models of key
 */
export async function createKeyAddition(
  context: VaultContext,
  registry: Registry,
  { person: personId, label }: Input<typeof appContract, 'keys.add'>,
): Promise<Operation> {
  const person = registry.requirePerson(personId)
  if (person.keys.length === 0) throw new HalliganError('KEY_UNKNOWN', { person: person.name })
  if (person.keys.length >= limits.keysPerPerson) {
    throw new HalliganError('KEY_LIMIT', { person: person.name, most: limits.keysPerPerson })
  }
  if (mustProveModels(registry.require().manifest, personId)) {
    throw new HalliganError('POLICY_INVALID', { field: 'models', why: 'models', name: person.name })
  }
  const id = newId(context)
  let isAdded = false

  async function addKey({ manifest, tap, wraps }: KeyAdded): Promise<void> {
    insist(!isAdded, 'added-twice')
    const { manifest: before } = registry.require()
    const key = findAddedKey(registry, manifest, personId, label)
    const safes = before.safes.filter(({ custodians }) => custodians.some((one) => one.person === personId))
    const unfit = checkKeyModel(key, safes)
    if (unfit !== null) throw new HalliganError(unfit)
    checkWraps(wraps, before, personId, key.credentialId)
    const next = { manifest, hash: manifestHash(context.primitives, manifest) }
    const refused = createSigning(before, manifest).refuse(tap.person, tap.key)
    if (refused !== null) throw new HalliganError(refused)
    const signer = checkSigner(context, registry, next, tap)
    const enrolled: NewEntry = {
      type: 'key.enrolled',
      actor: personActor(signer, false),
      data: { person: personId, name: signer.name, key, safes: safes.map((safe) => safe.id) },
    }
    await context.log.append(
      [enrolled, describeSignature(next, signer, tap), describeChange(next)],
      async (statements) => {
        await storeManifest(statements, manifest, [tap])
        for (const wrap of wraps) await saveWrap(statements, wrap)
      },
    )
    registry.add({ manifest, signatures: [tap] })
    isAdded = true
  }

  return createPlainOperation(context, {
    id,
    kind: 'add-key',
    person: personId,
    need: 2,
    job: {
      kind: 'add-key',
      ...vaultFacts(context, id),
      manifests: registry.chain(),
      person: personId,
      label,
      wraps: await loadWrapsOf(context.store.database, personId),
    },
    calls: {
      keyAdded: async (input) => {
        await addKey(input)
        return {}
      },
    },
    isDone: () => isAdded,
  })
}

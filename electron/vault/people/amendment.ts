/**
 * A change of the manifest: the next version is written here, signed by whoever must sign it, and comes into force with the
 * last signature: entries, version and what has to go with it (the wraps of struck-off keys) in one transaction.
 */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { checkContinuation, manifestHash } from '../../../shared/audit/manifest.ts'
import { createSigning } from '../../../shared/audit/manifest-signers.ts'
import { checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import { fromBase64Url, fromUtf8, sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import { manifestSchema, type Manifest, type Person } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, personActor, stationActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import type { Statements } from '../store/driver.ts'
import { saveManifest, type InForce, type Registry } from './registry.ts'
import { deleteStrayWraps } from './wraps.ts'

/** What the next version says of itself; the rest is what the change makes of the version in force. */
type Change = (current: Manifest) => Omit<Manifest, 'version' | 'previous' | 'createdAt'>

/**
 * Hashes that signatures in the log are about. A change that was given up and is asked for again must not have the same one:
 * the signatures of the first time would stand in the log beside those of the second, and those in force would not be all.
 */
async function signedHashes({ store }: VaultContext): Promise<Set<string>> {
  const rows = await store.database.all(`SELECT bytes FROM entries WHERE type = 'manifest.signed'`)
  return new Set(
    rows.map(({ bytes }) => (JSON.parse(fromUtf8(bytes as Uint8Array)) as { data: { hash: string } }).data.hash),
  )
}

const withoutPlace = ({ version: _version, previous: _previous, createdAt: _at, ...rest }: Manifest): unknown => rest

/**
 * The version after the one in force, as `change` makes it.
 * @throws HalliganError AMENDMENT_EMPTY, MANIFEST_INVALID {detail}
 */
export async function writeNext(context: VaultContext, { manifest, hash }: InForce, change: Change): Promise<InForce> {
  const known = await signedHashes(context)
  const made = change(manifest)
  let wallMs = context.clock.wall()
  for (;;) {
    const place = { version: manifest.version + 1, previous: hash, createdAt: toTimestamp(wallMs) }
    const parsed = manifestSchema.safeParse({ ...made, ...place })
    if (!parsed.success) throw new HalliganError('MANIFEST_INVALID', { detail: 'schema' }, parsed.error)
    const next = parsed.data
    const broken = checkContinuation(manifest, hash, next)
    if (broken !== null) throw new HalliganError('MANIFEST_INVALID', { detail: broken.detail })
    if (sameBytes(canonicalBytes(withoutPlace(next)), canonicalBytes(withoutPlace(manifest)))) {
      throw new HalliganError('AMENDMENT_EMPTY')
    }
    const nextHash = manifestHash(context.primitives, next)
    if (!known.has(nextHash)) return { manifest: next, hash: nextHash }
    wallMs += 1
  }
}

/** Entry `manifest.signed`. */
export const describeSignature = ({ manifest, hash }: InForce, person: Person, tap: Tap): NewEntry => ({
  type: 'manifest.signed',
  actor: personActor(person, true),
  data: { version: manifest.version, hash, ...tap },
})

/** Entry `manifest.changed`. */
export const describeChange = ({ manifest, hash }: InForce): NewEntry => ({
  type: 'manifest.changed',
  actor: stationActor,
  data: { version: manifest.version, hash },
})

/** What belongs into the transaction of `manifest.changed`: the version, and no wrap that it has no place for. */
export async function storeManifest(
  statements: Statements,
  manifest: Manifest,
  signatures: readonly Tap[],
): Promise<void> {
  await saveManifest(statements, { manifest, signatures: [...signatures] })
  await deleteStrayWraps(statements, manifest)
}

/**
 * The person whose tap this is, if its signature is over `next` by a key of theirs in the manifest in force.
 * @throws HalliganError TAP_KEY_UNKNOWN, PERSON_UNKNOWN, or why the tap is not valid
 */
export function checkSigner(context: VaultContext, registry: Registry, next: InForce, tap: Tap): Person {
  const person = registry.requirePerson(tap.person)
  const key = registry.keyOf(tap.person, tap.key)
  if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
  const challenge = fromBase64Url(next.hash)
  const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
  const problem = checkTapSignature(context.primitives, check)
  if (problem !== null) throw new HalliganError(problem)
  return person
}

/**
 * An operation that puts what `change` makes of the manifest in force. `change` gets the manifest and returns it changed;
 * version, predecessor and time are put on here.
 * @throws HalliganError VAULT_NOT_READY, AMENDMENT_EMPTY, MANIFEST_INVALID {detail} when the result breaks a rule
 */
export async function createAmendment(context: VaultContext, registry: Registry, change: Change): Promise<Operation> {
  const before = registry.require()
  const next = await writeNext(context, before, change)
  const signing = createSigning(before.manifest, next.manifest)
  const id = newId(context)
  const signatures: Tap[] = []
  const taps: OperationView['taps'] = []
  let isInForce = false

  async function addSignature(tap: Tap): Promise<void> {
    insist(!isInForce, 'signed-already')
    const refused = signing.refuse(tap.person, tap.key)
    if (refused !== null) throw new HalliganError(refused)
    const person = checkSigner(context, registry, next, tap)
    const all = [...signatures, tap]
    const { have, need } = signing.progress()
    const isLast = have + 1 === need
    const entries = [describeSignature(next, person, tap), ...(isLast ? [describeChange(next)] : [])]
    const written = await context.log.append(entries, async (statements) => {
      if (isLast) await storeManifest(statements, next.manifest, all)
    })
    signatures.push(tap)
    signing.add(tap.person)
    taps.push({ person: tap.person, at: written[0]?.at ?? next.manifest.createdAt, counts: true })
    if (!isLast) return
    registry.add({ manifest: next.manifest, signatures: all })
    isInForce = true
    // Wraps of keys that were struck off must be gone from the write-ahead log too.
    await context.store.eraseRemnants()
  }

  return createPlainOperation(context, {
    id,
    kind: 'amend',
    person: signing.rule.kind === 'own-keys' ? signing.rule.person : null,
    need: signing.progress().need,
    job: { kind: 'amend', ...vaultFacts(context, id), manifests: registry.chain(), next: next.manifest },
    calls: {
      manifestSigned: async ({ tap }) => {
        await addSignature(tap)
        return {}
      },
    },
    isDone: () => isInForce,
    viewTaps: () => [...taps],
  })
}

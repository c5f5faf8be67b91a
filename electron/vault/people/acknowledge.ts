/** Every custodian signs the first manifest; with the last of them the vault is ready. */
import { fromBase64Url } from '../../../shared/bytes.ts'
import { checkManifestRules, manifestHash } from '../../../shared/audit/manifest.ts'
import { custodiansOf, findKey } from '../../../shared/audit/manifest-signers.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import { manifestSchema, type Manifest } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { newId, personActor, stationActor, vaultFacts, type VaultContext } from '../context.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { deleteDraft, saveDraft, type Draft, type DraftHolder } from './draft.ts'
import { saveManifest, type Registry } from './registry.ts'
import { loadWraps } from './wraps.ts'

/** Version 1, from the plan and what was enrolled. */
function makeManifest(context: VaultContext, { plan, enrolled }: Draft): Manifest {
  const { genesis } = context.log
  const enrolledOf = (person: string): Draft['enrolled'][number] | undefined =>
    enrolled.find((one) => one.person === person)
  const manifest: Manifest = {
    format: 'halligan/manifest/v1',
    vault: genesis.vault,
    name: genesis.vaultName,
    version: 1,
    previous: null,
    createdAt: toTimestamp(context.clock.wall()),
    quorum: plan.quorum,
    persons: plan.people.map((person) => ({ ...person, keys: enrolledOf(person.id)?.keys ?? [] })),
    safes: plan.safes.map(({ custodians, ...safe }) => ({
      ...safe,
      custodians: custodians.map((person, index) => ({
        person,
        index: index + 1,
        publicKey: enrolledOf(person)?.custody.find((one) => one.safe === safe.id)?.publicKey ?? '',
      })),
    })),
    stations: [{ id: genesis.station, name: genesis.stationName, firstKey: genesis.firstKey }],
    ...(plan.models === undefined || plan.models.length === 0 ? {} : { models: plan.models }),
  }
  const broken = checkManifestRules(manifest)
  const parsed = manifestSchema.safeParse(manifest)
  if (broken !== null || !parsed.success) throw new HalliganError('MANIFEST_INVALID', { detail: broken ?? 'schema' })
  return manifest
}

/** The manifest under signature: the one that others have signed already, or a new one that is kept from now on. */
async function settleManifest(context: VaultContext, draft: DraftHolder): Promise<Manifest> {
  const before = draft.get()
  if (before.manifest !== null) return before.manifest
  const manifest = makeManifest(context, before)
  const next: Draft = { ...before, manifest, signatures: [] }
  await context.store.database.transaction((statements) => saveDraft(statements, next))
  draft.set(next)
  return manifest
}

export async function createAcknowledgement(
  context: VaultContext,
  draft: DraftHolder,
  registry: Registry,
): Promise<Operation> {
  const manifest = await settleManifest(context, draft)
  const hash = manifestHash(context.primitives, manifest)
  const custodians = custodiansOf(manifest)
  const id = newId(context)
  const taps: OperationView['taps'] = []
  let isReady = false

  function checkTap(tap: Tap, signatures: readonly Tap[]): string {
    const person = manifest.persons.find((one) => one.id === tap.person)
    if (person === undefined || !custodians.has(tap.person)) throw new HalliganError('TAP_NOT_CUSTODIAN')
    if (signatures.some((one) => one.person === tap.person)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    const key = findKey(manifest, tap.person, tap.key)
    if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
    const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge: fromBase64Url(hash), ...tapSource }
    const problem = checkTapSignature(context.primitives, check)
    if (problem !== null) throw new HalliganError(problem)
    return person.name
  }

  async function addSignature(tap: Tap): Promise<void> {
    const before = draft.get()
    const name = checkTap(tap, before.signatures)
    const signatures = [...before.signatures, tap]
    const isLast = signatures.length === custodians.size
    const entries: NewEntry[] = [
      {
        type: 'manifest.signed',
        actor: personActor({ id: tap.person, name }, true),
        data: { version: manifest.version, hash, ...tap },
      },
    ]
    if (isLast) {
      entries.push({ type: 'manifest.changed', actor: stationActor, data: { version: manifest.version, hash } })
    }
    const next: Draft = { ...before, signatures }
    const written = await context.log.append(entries, async (statements) => {
      if (!isLast) {
        await saveDraft(statements, next)
        return
      }
      await saveManifest(statements, { manifest, signatures })
      await deleteDraft(statements)
    })
    taps.push({ person: tap.person, at: written[0]?.at ?? manifest.createdAt, counts: true })
    draft.set(isLast ? null : next)
    if (isLast) {
      registry.add({ manifest, signatures })
      isReady = true
    }
  }

  return createPlainOperation(context, {
    id,
    kind: 'acknowledge',
    person: null,
    need: custodians.size,
    job: {
      kind: 'acknowledge',
      ...vaultFacts(context, id),
      manifest,
      signed: draft.get().signatures.map(({ person }) => person),
      wraps: (await Promise.all(manifest.safes.map((safe) => loadWraps(context.store.database, safe.id)))).flat(),
      rings: draft.get().enrolled.flatMap(({ person, rings }) => rings.map((ring) => ({ person, ...ring }))),
    },
    calls: {
      manifestSigned: async ({ tap }) => {
        await addSignature(tap)
        return {}
      },
    },
    isDone: () => isReady,
    viewTaps: () => [...taps],
  })
}

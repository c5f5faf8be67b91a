/**
 * One more security key for somebody who has one. The new key proves itself; then an old one, by signing the next manifest,
 * opens its owner's wraps, and each secret key is wrapped again under the new one. What the old key signs is written here:
 * the manifest in force and the key that was proven here, nothing else.
 */
import { mustProveModels } from '../../../shared/audit/manifest-signers.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Wrap } from '../../../shared/domain/credential.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { custodiesOf } from '../../../shared/domain/custody.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import type { PassphraseFactor } from '../crypto/passphrase.ts'
import { askForTap, askUntil, confirmAndClose, isRefusal } from '../tap/ask.ts'
import { askForPassphrase, chooseFactor } from '../tap/choose-passphrase.ts'
import { findPerson, rememberManifest, trustManifests } from '../trust/manifests.ts'
import { changeLines } from './amend-lines.ts'
import { createCustodyProof } from './custody-proof.ts'
import { createEnrolmentTouches } from './enrol-touches.ts'
import { proveNewKey, wipeProved, wrapUnder, type NewKey } from './prove-key.ts'
import { listed, manifestLine } from './views.ts'

interface Addition {
  readonly job: JobOf<'add-key'>
  readonly current: Manifest
  readonly person: Person
  /** Safes that this person is a custodian of. */
  readonly safes: readonly Safe[]
}

/**
 * Runs to the signature.
 * @throws HalliganError MANIFEST_INVALID, PERSON_UNKNOWN; KEY_UNKNOWN when they have no key yet; KEY_LIMIT; POLICY_INVALID
 *   {field, why: 'models'} when a safe of theirs names models: nobody vouches alone for the model of a key of their own.
 */
export async function addKey(session: Session, job: JobOf<'add-key'>): Promise<void> {
  const { current, hash } = await trustManifests(session.host, job)
  const person = findPerson(current, job.person)
  if (person.keys.length === 0) throw new HalliganError('KEY_UNKNOWN')
  if (person.keys.length >= limits.keysPerPerson) throw new HalliganError('KEY_LIMIT')
  if (mustProveModels(current, person.id)) throw new HalliganError('POLICY_INVALID', { field: 'models', why: 'models' })
  const safes = current.safes.filter(({ custodians }) => custodians.some((one) => one.person === person.id))
  const addition: Addition = { job, current, person, safes }
  const proven = await proveAddition(session, addition)
  try {
    const next: Manifest = {
      ...current,
      version: current.version + 1,
      previous: hash,
      createdAt: toTimestamp(session.clock.wall()),
      persons: current.persons.map((one) => (one.id === person.id ? { ...one, keys: [...one.keys, proven.key] } : one)),
    }
    const { tap, wraps } = await signAndWrap(session, addition, next, proven)
    await session.vault.keyAdded({ manifest: next, tap, wraps: [...wraps] })
    rememberManifest(session.host, next)
  } finally {
    wipeProved(proven.proved)
  }
  await confirmAndClose(session, person)
}

/** A new key, and the passphrase chosen for it where one of its owner's safes asks for that. */
interface ProvenAddition extends NewKey {
  readonly factor: PassphraseFactor | null
}

/** The new key's touches. */
async function proveAddition(session: Session, { job, current, person, safes }: Addition): Promise<ProvenAddition> {
  const { vault, vaultName, station, label } = job
  const owner = { vault, vaultName, station, person, safes: [...safes], models: current.models ?? [] }
  // Everybody's keys: one key in two names would let one person count twice.
  const exclude = current.persons.flatMap(({ keys }) =>
    keys.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
  )
  const view: Omit<TapView, 'instruction'> = {
    kind: 'add-key',
    title: `A further security key for ${person.name}`,
    lines: [
      { label: 'Vault', value: vaultName },
      { label: 'New key', value: label },
      ...custodianLine(safes),
      manifestLine(current),
      { label: 'Afterwards', value: `${person.name} signs with a key that is in use already.` },
    ],
    people: [listed(person, 'waiting')],
    have: 0,
    need: 2,
  }
  session.progress('tap', 0, 2)
  let factor: PassphraseFactor | null = null
  const proven = await askUntil(session, async (page) => {
    const touches = createEnrolmentTouches(session, page, owner, label, view)
    try {
      if (askForPassphrase(safes)) factor ??= await chooseFactor(session, page, view)
      const made = await proveNewKey(session, touches, { label, exclude, inputs: safes.length })
      return { accepted: { ...made, factor } }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { refused: { code: error.code, person: null, key: touches.key() } }
    }
  })
  await confirmAndClose(session, person)
  return proven
}

const custodianLine = (safes: readonly Safe[]): TapView['lines'] =>
  safes.length === 0 ? [] : [{ label: 'Custodian of', value: safes.map(({ name }) => name).join(', ') }]

/** Wraps under the new key, of what the old one opens. */
function createRewrapping(
  session: Session,
  { job, person, safes }: Addition,
  key: SecurityKey,
  proven: ProvenAddition,
) {
  const wraps = new Map<string, Wrap>()
  const proofs = new Map(safes.map(({ id }, at) => [id, proven.proved[at]]))
  return {
    wraps: (): Wrap[] => [...wraps.values()],
    spend: ({ safe, publicKey }: { safe: string; publicKey: string }, secretKey: Uint8Array): void => {
      const proved = proofs.get(safe)
      if (proved === undefined) throw new HalliganError('INTERNAL')
      const place = { vault: job.vault, safe, person: person.id, key: key.credentialId, publicKey }
      const isAsked = safes.find(({ id }) => id === safe)?.policy.passphrase === true
      wraps.set(safe, wrapUnder(session, place, secretKey, proved, isAsked ? proven.factor : null))
    },
  }
}

/** The old key's tap, or as many as it takes to open all its owner's wraps; the last one is the signature. */
async function signAndWrap(
  session: Session,
  addition: Addition,
  next: Manifest,
  proven: ProvenAddition,
): Promise<{ tap: Tap; wraps: readonly Wrap[] }> {
  const { job, current, person, safes } = addition
  const { wraps, spend } = createRewrapping(session, addition, proven.key, proven)
  const proof = createCustodyProof(session, { ...job, custodiesOf: (id) => custodiesOf(current, id) }, spend)
  const lines: TapView['lines'] = [
    ...changeLines(current, next),
    { label: 'Vault', value: job.vaultName },
    ...custodianLine(safes),
    { label: 'Version', value: `${current.version} becomes ${next.version}, written ${next.createdAt}` },
  ]
  session.progress('tap', 1, 2)
  for (;;) {
    const { tap, isComplete } = await askForTap(session, {
      manifest: current,
      challenge: challengeOf(nodePrimitives, 'manifest', next),
      view: () => ({
        kind: 'add-key',
        title: `${person.name} signs for the new key “${job.label}”`,
        lines,
        people: [listed(person, 'waiting')],
        have: 1,
        need: 2,
        instruction: 'Now a key that is in use already. Insert it and touch it.',
      }),
      allow: () => proof.allow([person]),
      passphrase: () => proof.passphrase([person]),
      accept: (touch) => {
        if (touch.person.id !== person.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
        return { tap: touch.tap, isComplete: proof.take(touch) }
      },
    })
    // More safes than one touch can open: once more, and nothing is signed yet.
    if (isComplete) return { tap, wraps: wraps() }
  }
}

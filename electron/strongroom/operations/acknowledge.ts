/**
 * Set-up: every custodian signs the first manifest, in any order. The signing tap also opens the signer's own wraps, and
 * counts only when the manifest names the keys that come out (custody-proof.ts) and lists the security keys that were enrolled
 * with them, also those that stay in the drawer (enrolled-keys.ts).
 */
import { checkManifestRules, manifestHash } from '../../../shared/audit/manifest.ts'
import { custodiansOf } from '../../../shared/audit/manifest-signers.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { custodiesOf } from '../../../shared/domain/custody.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, type ProvenTap } from '../tap/ask.ts'
import { checkFirstManifest, rememberManifest } from '../trust/manifests.ts'
import { createCustodyProof } from './custody-proof.ts'
import { checkEnrolledKeys, checkKeyRing } from './enrolled-keys.ts'
import { listed, manifestLines, touchNow } from './views.ts'

/**
 * Runs to the last missing signature.
 * @throws HalliganError MANIFEST_INVALID {detail} when the manifest breaks its own rules, or is not what people enrolled.
 */
export async function acknowledge(session: Session, job: JobOf<'acknowledge'>): Promise<void> {
  const { manifest, vault } = job
  const broken = checkManifestRules(manifest)
  const first = manifest.version === 1 && manifest.previous === null && manifest.vault === vault
  if (broken !== null || !first)
    throw new HalliganError('MANIFEST_INVALID', { detail: broken ?? 'not the first version' })
  checkEnrolledKeys(job)
  await checkFirstManifest(session.host, vault)
  const custodians = custodiansOf(manifest)
  const signed = new Set(job.signed.filter((person) => custodians.has(person)))
  const people = manifest.persons.filter(({ id }) => custodians.has(id))

  const proof = createCustodyProof(
    session,
    { ...job, custodiesOf: (id) => custodiesOf(manifest, id) },
    (custody, secretKey, person) => {
      checkKeyRing(session.sodium, job, person, custody, secretKey)
    },
  )

  const accept = (proven: ProvenTap): { proven: ProvenTap; isComplete: boolean } => {
    const { person } = proven
    if (!custodians.has(person.id)) throw new HalliganError('TAP_NOT_CUSTODIAN')
    if (signed.has(person.id)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    return { proven, isComplete: proof.take(proven) }
  }
  const progress = (): void => {
    session.progress('tap', signed.size, custodians.size)
  }

  const describeSigning = (): TapView => ({
    kind: 'acknowledge',
    title: `Who holds what in ${manifest.name}`,
    lines: manifestLines(manifest),
    people: people.map((one) => listed(one, signed.has(one.id) ? 'tapped' : 'waiting')),
    have: signed.size,
    need: custodians.size,
    instruction: signed.size === custodians.size ? 'All have signed.' : `Every custodian, in any order. ${touchNow}`,
  })

  progress()
  while (signed.size < custodians.size) {
    const { proven, isComplete } = await askForTap(session, {
      manifest,
      challenge: fromBase64Url(manifestHash(nodePrimitives, manifest)),
      view: describeSigning,
      // Keys of those who have signed stay in: "you have tapped already" is an answer, silence is not.
      allow: () => proof.allow(people),
      passphrase: () => proof.passphrase(people),
      accept,
    })
    // More safes than one touch can prove: the same person is asked once more, and nothing is signed yet.
    if (!isComplete) continue
    const { tap, person } = proven
    await session.vault.manifestSigned({ tap })
    signed.add(person.id)
    // Only when every signature was seen here: who else has signed is the vault process's word.
    if (signed.size === custodians.size && job.signed.length === 0) rememberManifest(session.host, manifest)
    progress()
    await confirmAndClose(session, person, describeSigning())
  }
}

/** Proves that a person's security keys work, wraps that person's secret keys under them, and says which keys they are. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Wrap } from '../../../shared/domain/credential.ts'
import type { KeyRing } from '../../../shared/domain/key-ring.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import { makeKeyRing } from '../crypto/key-ring.ts'
import type { PassphraseFactor } from '../crypto/passphrase.ts'
import type { Session } from '../session.ts'
import { askUntil, confirmAndClose, isRefusal } from '../tap/ask.ts'
import { askForPassphrase, chooseFactor } from '../tap/choose-passphrase.ts'
import { checkFirstManifest, trustManifests } from '../trust/manifests.ts'
import { createEnrolmentTouches } from './enrol-touches.ts'
import { trustJoiningKeys } from './join.ts'
import { proveKnownKey, proveNewKey, wipeProved, wrapUnder, type NewKey } from './prove-key.ts'
import { listed } from './views.ts'

type EnrolJob = JobOf<'enrol'>

/** The person's X25519 key pair for one safe. Made once, so that every key of theirs holds a wrap of the same one. */
interface Custody {
  readonly safe: string
  readonly publicKey: Uint8Array
  readonly secretKey: SecretBytes
  /** Whether its wraps need a passphrase. */
  readonly passphrase: boolean
}

/**
 * Whose keys are enrolled at set-up, of a vault that was never set up; or, in one that is in force, those of somebody new, or, of
 * somebody who has keys, exactly these.
 */
async function trustKeys(session: Session, job: EnrolJob): Promise<readonly SecurityKey[]> {
  if (job.inForce !== undefined) {
    return trustJoiningKeys(await trustManifests(session.host, { vault: job.vault, ...job.inForce }), job)
  }
  await checkFirstManifest(session.host, job.vault)
  return []
}

/** Runs to the last label. */
export async function enrol(session: Session, job: EnrolJob): Promise<void> {
  const known = await trustKeys(session, job)
  const custody = job.safes.map((safe) => makeCustody(session, safe))
  const exclude = job.enrolled.map(({ credentialId, transports }) => ({ id: credentialId, transports }))
  const enrolled: SecurityKey[] = []
  for (const [at, label] of job.labels.entries()) {
    session.progress('tap', at, job.labels.length)
    // Kept while touches are refused and repeated: nobody wants to think of it twice.
    let factor: PassphraseFactor | null = null
    const joining = known[at]
    const { key, wraps } = await askUntil(session, async (page) => {
      const view = describe(job, label, at)
      const touches = createEnrolmentTouches(session, page, job, label, view, joining)
      try {
        if (askForPassphrase(job.safes)) factor ??= await chooseFactor(session, page, view)
        const proven =
          joining === undefined
            ? await proveNewKey(session, touches, { label, exclude, inputs: custody.length })
            : await proveKnownKey(session, touches, joining, custody.length)
        return { accepted: { key: proven.key, wraps: wrapAll(session, job, custody, proven, factor) } }
      } catch (error) {
        if (!isRefusal(error)) throw error
        return { refused: { code: error.code, person: null, key: touches.key() } }
      }
    })
    enrolled.push(key)
    await session.vault.keyEnrolled({
      key,
      custody: custody.map(({ safe, publicKey }) => ({ safe, publicKey: toBase64Url(publicKey) })),
      wraps,
      // Of keys that are in force already, all of them: the ring is to be held against the manifest.
      rings: sealRings(session, job, custody, known.length === 0 ? enrolled : known),
    })
    exclude.push({ id: key.credentialId, transports: key.transports })
    await confirmAndClose(session, job.person)
  }
}

function makeCustody({ sodium, secrets }: Session, { id, policy }: EnrolJob['safes'][number]): Custody {
  const pair = sodium.crypto_box_keypair()
  const secretKey = secrets.keep(pair.privateKey)
  return { safe: id, publicKey: pair.publicKey, secretKey, passphrase: policy.passphrase === true }
}

/** One wrap per safe, each under a value of its own. */
function wrapAll(
  session: Session,
  { vault, person }: EnrolJob,
  custody: readonly Custody[],
  proven: NewKey,
  factor: PassphraseFactor | null,
): Wrap[] {
  const { key, proved } = proven
  try {
    return proved.flatMap((one, at) => {
      const own = custody[at]
      if (own === undefined) return []
      const { safe, publicKey, secretKey, passphrase } = own
      const place = { vault, safe, person: person.id, key: key.credentialId, publicKey: toBase64Url(publicKey) }
      return [secretKey.use((secret) => wrapUnder(session, place, secret, one, passphrase ? factor : null))]
    })
  } finally {
    wipeProved(proved)
  }
}

/** One MAC per safe over the keys so far: from here to the first signature nobody can add, drop or change one unseen. */
const sealRings = (
  { sodium }: Session,
  { vault, person }: EnrolJob,
  custody: readonly Custody[],
  keys: readonly SecurityKey[],
): KeyRing[] =>
  custody.map(({ safe, secretKey }) => ({
    safe,
    mac: secretKey.use((secret) => makeKeyRing(sodium, secret, { vault, safe, person: person.id, keys })),
  }))

function describe(job: EnrolJob, label: string, at: number): Omit<TapView, 'instruction'> {
  const safes = job.safes.map(({ name }) => name).join(', ')
  return {
    kind: 'enrol',
    title: job.inForce?.keys.length
      ? `A key of ${job.person.name} for a further safe`
      : `A security key for ${job.person.name}`,
    lines: [
      { label: 'Vault', value: job.vaultName },
      { label: 'Key', value: `${label} (${at + 1} of ${job.labels.length})` },
      ...(safes === '' ? [] : [{ label: 'Custodian of', value: safes.slice(0, 1000) }]),
    ],
    people: [listed(job.person, 'waiting')],
    have: at,
    need: job.labels.length,
  }
}

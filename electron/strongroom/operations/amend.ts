/**
 * A change of the manifest: collects the signatures of whoever must sign it. What they read is written here, from the
 * difference between the manifest in force, verified from version 1, and the next one.
 */
import { checkContinuation } from '../../../shared/audit/manifest.ts'
import { createSigning, custodiansOf } from '../../../shared/audit/manifest-signers.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toHex } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { changedSafes } from '../../../shared/domain/custody-change.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, type AllowedKey } from '../tap/ask.ts'
import { rememberManifest, trustManifests } from '../trust/manifests.ts'
import { changeLines } from './amend-lines.ts'
import { listed, touchNow } from './views.ts'

const invalid = (detail: string): HalliganError => new HalliganError('MANIFEST_INVALID', { detail })

/** Every public key that a manifest puts somebody's trust in: each security key's, and each custodian's in each safe. */
export const trustedKeys = ({ persons, safes }: Manifest): string[] => [
  ...persons.flatMap(({ id, keys }) =>
    keys.map((key) => `${id} ${key.credentialId} ${toHex(canonicalBytes(key.publicKey))}`),
  ),
  ...safes.flatMap(({ id, custodians }) => custodians.map(({ person, publicKey }) => `${id} ${person} ${publicKey}`)),
]

/**
 * Refuses what must not be signed over this way, however many would sign.
 * @throws HalliganError MANIFEST_INVALID {detail}; AMENDMENT_EMPTY
 */
function checkNext(current: Manifest, hash: string, next: Manifest): TapView['lines'] {
  const broken = checkContinuation(current, hash, next)
  if (broken !== null) throw invalid(broken.detail)
  // Records would stay with those who had them: only sealing anew takes a share from somebody or gives one.
  if (changedSafes(current, next).size > 0) throw invalid('it changes who holds shares')
  // Whose a key is, is proven by touching it (enrol.ts, custody-proof.ts), never by words on a page: who can write the
  // database could put a key of their own here, and everything sealed later would be sealed to them.
  const known = new Set(trustedKeys(current))
  if (trustedKeys(next).some((key) => !known.has(key))) throw invalid('it lists a key that nobody has proven')
  const lines = changeLines(current, next)
  if (lines.length === 0) throw new HalliganError('AMENDMENT_EMPTY')
  // Nothing may be left out to make the rest fit.
  if (lines.length > limits.persons) throw invalid('more changes than can be shown at once')
  return lines
}

/**
 * Runs to the last missing signature.
 * @throws HalliganError MANIFEST_INVALID {detail}, AMENDMENT_EMPTY.
 */
export async function amend(session: Session, job: JobOf<'amend'>): Promise<void> {
  const { current, hash } = await trustManifests(session.host, job)
  const { next } = job
  const lines = checkNext(current, hash, next)
  const signing = createSigning(current, next)
  const { rule, progress } = signing
  const mayVote = rule.kind === 'own-keys' ? new Set([rule.person]) : custodiansOf(current)
  const people = current.persons.filter(({ id }) => mayVote.has(id))
  const signed = new Set<string>()

  const allow = (): AllowedKey[] =>
    people.flatMap((person) =>
      person.keys
        .filter(({ credentialId }) => signing.refuse(person.id, credentialId) !== 'TAP_KEY_UNKNOWN')
        .map(({ credentialId, transports }) => ({ id: credentialId, transports, salts: null })),
    )

  function describeChange(): TapView {
    const { have, need } = progress()
    const more = need - have
    const voters = more === 1 ? 'One more custodian' : `${more} more custodians`
    const who = rule.kind === 'own-keys' ? (people[0]?.name ?? '') : voters
    return {
      kind: 'amend',
      title: rule.kind === 'own-keys' ? `Security keys of ${people[0]?.name ?? ''}` : `A change in ${current.name}`,
      lines: [
        ...lines,
        { label: 'Vault', value: current.name },
        { label: 'Version', value: `${current.version} becomes ${next.version}, written ${next.createdAt}` },
      ],
      people: people.map((one) => listed(one, signed.has(one.id) ? 'tapped' : more === 0 ? 'not-needed' : 'waiting')),
      have,
      need,
      instruction: more === 0 ? 'Enough have signed.' : `${who}. ${touchNow}`,
    }
  }

  const report = (): void => {
    const { have, need } = progress()
    session.progress('tap', have, need)
  }

  report()
  while (progress().have < progress().need) {
    const { tap, person } = await askForTap(session, {
      manifest: current,
      challenge: challengeOf(nodePrimitives, 'manifest', next),
      view: describeChange,
      allow,
      accept: (proven) => {
        const { person: who, key } = proven
        const refused = signing.refuse(who.id, key.credentialId)
        if (refused !== null) throw new HalliganError(refused)
        return proven
      },
    })
    await session.vault.manifestSigned({ tap })
    signing.add(person.id)
    signed.add(person.id)
    if (progress().have >= progress().need) rememberManifest(session.host, next)
    report()
    await confirmAndClose(session, person, describeChange())
  }
}

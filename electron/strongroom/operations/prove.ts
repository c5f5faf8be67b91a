/**
 * Custodians open their shares of records, up to the commitment of the content key that the shares give together. Nothing is
 * decrypted, and nothing could be: no body comes with the job. A drill of a safe, or the proof that a new version opens.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import { checkContentKey } from '../crypto/record.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose } from '../tap/ask.ts'
import { trustProof, type TrustedProof } from '../trust/proof.ts'
import { createCustodianTouch, loseWithoutWrap } from './custodian-touch.ts'
import { openOwnShare, type OwnKeys } from './own-share.ts'
import { createProofQuorum, type ProofCustodian, type ProofQuorum } from './proof-quorum.ts'
import { headLine, listed, manifestLine, touchNow } from './views.ts'

/**
 * Runs until enough distinct people have opened their shares of every record, and each record's shares gave its content key.
 * A key or share that fails is refused and recorded, and the next custodian is asked while enough are left.
 * @throws HalliganError MANIFEST_*, MESSAGE_INVALID {kind}, RECORD_DAMAGED {part} before anybody is asked; TAP_WRAP_DAMAGED,
 *   SHARE_DAMAGED, SHARE_WRONG {custodian} when too few are left; CONTENT_KEY_WRONG.
 */
export async function prove(session: Session, job: JobOf<'prove'>): Promise<void> {
  const proof = await trustProof(session.host, job)
  const quorum = createProofQuorum(proof)
  const damagedWraps = new Set<string>()
  const people = custodiansOf(proof)
  loseWithoutWrap({ job, safe: proof.safe, quorum, damagedWraps }, people)
  quorum.requirePossible()
  session.progress('tap', 0, quorum.threshold)
  while (!quorum.isComplete()) {
    const touch = createCustodianTouch<ProofCustodian, SecretBytes[]>({
      session,
      job,
      safe: proof.safe,
      quorum,
      damagedWraps,
      take: (custodian, keys) => openShares(session, proof, custodian, keys),
    })
    const { proven, own } = await askForTap(session, {
      manifest: proof.manifest,
      challenge: proof.challenge,
      view: () => describe(job, proof, quorum),
      allow: () => touch.allow(people),
      passphrase: () => (touch.asks() ? 'ask' : undefined),
      accept: (tapped) => ({ proven: tapped, own: touch.open(tapped) }),
      afterRefusal: quorum.requirePossible,
    })
    const { tap, signCount, key, person } = proven
    await session.vault.jointSigned({
      tap,
      signCount,
      signCountWentBack: wentBack(job.signCounts, key.credentialId, signCount),
      wraps: own.wrap === null ? [] : [own.wrap],
    })
    quorum.count(person, own.taken)
    session.progress('tap', quorum.people().length, quorum.threshold)
    await confirmAndClose(session, person, describe(job, proof, quorum))
  }
  session.progress('working', quorum.threshold, quorum.threshold)
  quorum.spend((header, shares) => {
    checkContentKey(session.sodium, header, shares)
  })
  await session.vault.proofPassed({ people: quorum.people().map(({ id }) => id) })
}

/** One custodian's share of every record. All or none: who holds half of what they should has failed. */
function openShares(
  session: Session,
  { records }: TrustedProof,
  { each }: ProofCustodian,
  keys: OwnKeys,
): SecretBytes[] {
  const opened: SecretBytes[] = []
  try {
    for (const [at, { header }] of records.entries()) {
      const custodian = each[at]
      // The same key pair for the whole safe: a record that is sealed to another one would not open with it.
      if (custodian === undefined || toBase64Url(custodian.publicKey) !== toBase64Url(keys.publicKey)) {
        throw new HalliganError('SHARE_DAMAGED', { custodian: custodian?.custodian ?? '' })
      }
      opened.push(openOwnShare(session, header, custodian, keys))
    }
    return opened
  } catch (error) {
    for (const share of opened) share.wipe()
    throw error
  }
}

/** Who holds a share of any of the records, each once. */
const custodiansOf = ({ records }: TrustedProof) => [
  ...new Map(records.flatMap(({ custodians }) => custodians.map(({ person }) => [person.id, person]))).values(),
]

const purposeWords = {
  drill: 'A drill: nothing is opened or shown',
  rotation: 'Proof that a new version opens',
} as const

function describe(job: JobOf<'prove'>, proof: TrustedProof, quorum: ProofQuorum): TapView {
  const { detail, safe, manifest } = proof
  const counted = new Set(quorum.people().map(({ id }) => id))
  const more = quorum.threshold - counted.size
  return {
    kind: 'prove',
    title: detail.purpose === 'drill' ? `Drill of the safe “${safe.name}”` : `Prove that it opens: “${safe.name}”`,
    lines: [
      { label: 'What for', value: purposeWords[detail.purpose] },
      { label: 'Safe', value: safe.name },
      ...detail.records.map(({ name, version }) => ({ label: 'Credential', value: `${name}, version ${version}` })),
      { label: 'Asked at', value: job.statement.createdAt },
      manifestLine(manifest),
      headLine(job.statement.head),
    ],
    people: custodiansOf(proof).map((person) => {
      const waits = 'custodian' in quorum.standingOf(person)
      return listed(person, counted.has(person.id) ? 'tapped' : waits ? 'waiting' : 'not-needed')
    }),
    have: counted.size,
    need: quorum.threshold,
    instruction:
      more === 0
        ? 'Enough have tapped.'
        : `${more === 1 ? 'One more custodian' : `${more} more custodians`}. ${touchNow}`,
  }
}

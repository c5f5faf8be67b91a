/**
 * Second round of a change of custodians: everybody who gets a share opens every one of theirs, as it lies on the disk, before any
 * old share dies. One wrong share and nothing is switched.
 */
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { fromBase64Url, sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import { hashBox } from '../crypto/record.ts'
import { openShare } from '../crypto/share.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, type ProvenTap } from '../tap/ask.ts'
import { recordDamaged } from '../trust/record.ts'
import { createCustodyProof } from './custody-proof.ts'
import type { Resealed } from './reseal-records.ts'
import type { ResharePlan } from './reshare-plan.ts'
import { describeRecords } from './reshare-signing.ts'
import { headLine, listed, touchNow } from './views.ts'

/** Everything under one joint statement. */
interface Round {
  readonly session: Session
  readonly plan: ResharePlan
  readonly resealed: Resealed
  readonly statement: JointStatement
}

/**
 * Runs until the last of them has signed.
 * @throws HalliganError SHARE_DAMAGED, SHARE_WRONG {custodian}; RECORD_DAMAGED {part} when what lies on the disk is not what was
 *   sealed; MANIFEST_INVALID {detail} for a statement about something else.
 */
export async function checkNewShares(session: Session, plan: ResharePlan, resealed: Resealed): Promise<void> {
  const { job, next, records } = plan
  const statement = await openStatement(session, plan, resealed)
  const round: Round = { session, plan, resealed, statement }
  const targets = new Set(records.map(({ to }) => to))
  const custodies = (person: string): Custody[] => custodiesOf(next, person).filter(({ safe }) => targets.has(safe))
  const people = next.persons.filter(({ id }) => custodies(id).length > 0)
  const keys = new Map<string, SecretBytes>()
  const signed = new Set<string>()
  /** Why no further touch can help. */
  let fatal: HalliganError | null = null

  const proof = createCustodyProof(session, { ...job, custodiesOf: custodies }, ({ safe }, secretKey, { id }) => {
    keys.set(`${id} ${safe}`, session.secrets.keep(secretKey.slice()))
  })

  async function judge(proven: ProvenTap): Promise<boolean> {
    const { person } = proven
    if (!people.some(({ id }) => id === person.id)) throw new HalliganError('TAP_NOT_CUSTODIAN')
    if (signed.has(person.id)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    if (!proof.take(proven)) return false
    const own = new Map(
      custodies(person.id).flatMap((custody) => {
        const key = keys.get(`${person.id} ${custody.safe}`)
        return key === undefined ? [] : [[custody.safe, { custody, key }] as const]
      }),
    )
    try {
      await checkOwnShares(round, person, own)
    } catch (error) {
      if (error instanceof HalliganError) fatal = error
      throw error
    } finally {
      for (const { key } of own.values()) key.wipe()
    }
    return true
  }

  const describe = (): TapView => ({
    kind: 'reshare',
    title: 'Check your new shares',
    lines: [
      ...describeRecords(plan),
      {
        label: 'What happens',
        value: 'Your key opens every new share of yours. When all have, the old ones are erased.',
      },
      { label: 'Who holds what', value: `version ${next.version}, written ${next.createdAt}` },
      headLine(statement.head),
    ],
    people: people.map((one) => listed(one, signed.has(one.id) ? 'tapped' : 'waiting')),
    have: signed.size,
    need: people.length,
    instruction: signed.size === people.length ? 'All have checked.' : `Everybody named, in any order. ${touchNow}`,
  })

  session.progress('tap', 0, people.length)
  while (signed.size < people.length) {
    const { proven, isComplete } = await askForTap(session, {
      manifest: next,
      challenge: challengeOf(nodePrimitives, 'joint', statement),
      view: describe,
      // Keys of those who have signed stay in: "you have tapped already" is an answer, silence is not.
      allow: () => proof.allow(people),
      passphrase: () => proof.passphrase(people),
      accept: async (tapped) => ({ proven: tapped, isComplete: await judge(tapped) }),
      afterRefusal: () => {
        if (fatal !== null) throw fatal
      },
    })
    // More safes than one touch can open: once more, and nothing is signed yet.
    if (!isComplete) continue
    const { tap, person, signCount } = proven
    const signCountWentBack = wentBack(job.signCounts, tap.key, signCount)
    await session.vault.jointSigned({ tap, signCount, signCountWentBack, wraps: [] })
    signed.add(person.id)
    session.progress('tap', signed.size, people.length)
    await confirmAndClose(session, person, describe())
  }
}

/** The vault process writes the statement, for the log's head is its to know; what people sign is held against what was done here. */
async function openStatement(session: Session, plan: ResharePlan, { root }: Resealed): Promise<JointStatement> {
  const { job, manifests, next, nextHash, records } = plan
  const { statement } = await session.vault.jointOpened({ records: records.length, root })
  const detail = { kind: 'reshare', next: { version: next.version, hash: nextHash }, records: records.length, root }
  const says =
    sameBytes(canonicalBytes(statement.detail), canonicalBytes(detail)) &&
    statement.vault === job.vault &&
    statement.station === job.station &&
    statement.manifest === manifests.hash
  if (!says) throw new HalliganError('MANIFEST_INVALID', { detail: 'the statement is about something else' })
  return statement
}

/** One person's shares of everything, page by page. */
async function checkOwnShares(
  { session, plan, resealed }: Round,
  person: Person,
  own: ReadonlyMap<string, { readonly custody: Custody; readonly key: SecretBytes }>,
): Promise<void> {
  const { hashes } = resealed
  let at = 0
  while (at < hashes.length) {
    const { records } = await session.vault.newRecords({ from: at })
    if (records.length === 0) throw recordDamaged('number')
    for (const record of records) {
      // Header and body as this process made them; the header in turn names every box.
      if (sealedRecordHash(nodePrimitives, record) !== hashes[at]) throw recordDamaged('record')
      const mine = own.get(plan.records[at]?.to ?? '')
      if (mine !== undefined) {
        mine.key.use((secretKey) => {
          checkShare(session, person, record, { publicKey: fromBase64Url(mine.custody.publicKey), secretKey })
        })
      }
      at++
    }
  }
}

/** @throws HalliganError SHARE_DAMAGED, SHARE_WRONG {custodian}. */
function checkShare(
  { sodium }: Session,
  { id }: Person,
  { header, boxes }: SealedRecord,
  keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
): void {
  const at = header.shares.findIndex(({ custodian }) => custodian === id)
  const share = header.shares[at]
  const box = fromBase64Url(boxes[at] ?? '')
  if (share?.box !== hashBox(box)) throw new HalliganError('SHARE_DAMAGED', { custodian: id })
  const { vault, safe, credential, version, threshold } = header
  const name = { vault, safe, credential, version, threshold, custodian: id, index: share.index }
  sodium.memzero(openShare(sodium, name, share.commitment, box, keys))
}

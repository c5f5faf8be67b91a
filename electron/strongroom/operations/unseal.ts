/**
 * A request: the requester's tap opens it, k distinct custodians' taps grant it, and only when that is on disk does a
 * window show fields, one by one, each recorded before it is shown.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Payload } from '../crypto/payload.ts'
import { openRecord } from '../crypto/record.ts'
import { createRevealRoom } from '../reveal/room.ts'
import type { Session } from '../session.ts'
import type { Custodian } from '../trust/record.ts'
import { trustRequest, type TrustedRequest } from '../trust/request.ts'
import { checkSecondRound } from '../trust/rounds.ts'
import { createCustodianTouch, loseWithoutWrap } from './custodian-touch.ts'
import { openOwnShare, type OwnKeys } from './own-share.ts'
import { askCustodians, askRequester, type RequestTaps } from './quorum-taps.ts'
import { createQuorum, type Quorum } from './quorum.ts'
import { runReported, watchExpiry, type Expiry } from './request-run.ts'

type UnsealJob = JobOf<'unseal'>

/**
 * Runs to the end of the window, or to the reason why there was none.
 * @throws HalliganError with the cause's code when the operation was ended before the window opened; otherwise the code
 *   of what failed, reported as `failed` before.
 */
export const unseal = (session: Session, job: UnsealJob): Promise<void> =>
  runReported(session, () => runRequest(session, job))

async function runRequest(session: Session, job: UnsealJob): Promise<void> {
  const expiry = watchExpiry(session, job)
  try {
    const trusted = await trustRequest(session.host, job)
    await checkSecondRound(job, trusted, session.clock.wall())
    const quorum = createQuorum(trusted)
    const taps = askForShares(session, job, trusted, quorum, expiry)
    await askRequester(taps)
    // Prepared unseen while people tap, so that after the last tap only arithmetic and one entry are left to do.
    const room = createRevealRoom(session, job, trusted)
    await askCustodians(taps)
    session.progress('working', quorum.people().length, quorum.threshold)
    const payload = openPayload(session, job, quorum)
    const approvals = quorum.people()
    const { alertText } = await session.vault.granted({ approvals: approvals.map(({ id }) => id) })
    expiry.stop()
    await room.open(payload, approvals, alertText)
  } finally {
    expiry.stop()
  }
}

/**
 * Custodians without any wrap cannot be counted, whoever lost it; found before anybody is asked to tap.
 * @throws HalliganError when that leaves too few for the quorum.
 */
function askForShares(
  session: Session,
  job: UnsealJob,
  trusted: TrustedRequest,
  quorum: Quorum,
  { remainingMs }: Expiry,
): RequestTaps<SecretBytes> {
  const means = {
    session,
    job,
    safe: trusted.safe,
    quorum,
    damagedWraps: new Set<string>(),
    take: (custodian: Custodian, keys: OwnKeys) => openOwnShare(session, job.record.header, custodian, keys),
  }
  const people = trusted.custodians.map(({ person }) => person)
  loseWithoutWrap(means, people)
  quorum.requirePossible()
  return {
    session,
    job,
    trusted,
    quorum,
    remainingMs,
    prepareTouch: () => createCustodianTouch<Custodian, SecretBytes>(means),
    count: quorum.count,
  }
}

/** Combines, checks, decrypts. The keeper owns the plaintext: whatever ends the operation also overwrites it. */
function openPayload({ sodium, secrets }: Session, { record }: UnsealJob, quorum: Quorum): Payload {
  const payload = quorum.spendShares((shares) => openRecord(sodium, record, shares))
  for (const part of [payload.runbook, ...payload.values]) secrets.keep(part)
  return payload
}

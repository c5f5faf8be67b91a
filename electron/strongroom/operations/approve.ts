/**
 * The first round of a request whose safe makes it wait: the requester and k distinct custodians approve. Nobody is asked for a PRF
 * value, and nothing that a share could open comes with the job: whoever takes this process over gets signatures, and no secret.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'
import type { ProvenTap } from '../tap/ask.ts'
import { checkFirstRound } from '../trust/rounds.ts'
import { trustRequest } from '../trust/request.ts'
import { askCustodians, askRequester, type RequestTaps, type RequestTouch } from './quorum-taps.ts'
import { createHeadcount, type Headcount } from './quorum.ts'
import { runReported, watchExpiry } from './request-run.ts'

/**
 * Runs until the wait is recorded.
 * @throws HalliganError with the cause's code when the operation was ended before; MANIFEST_*, RECORD_DAMAGED {part},
 *   REQUESTER_NOT_APPROVED, WINDOW_OUT_OF_POLICY, MESSAGE_INVALID {what}, REQUEST_EXPIRED before anybody is asked.
 */
export const approve = (session: Session, job: JobOf<'approve'>): Promise<void> =>
  runReported(session, async () => {
    const expiry = watchExpiry(session, job)
    try {
      const trusted = await trustRequest(session.host, job)
      checkFirstRound(job, trusted.safe, session.clock.wall())
      const headcount = createHeadcount(trusted)
      const taps: RequestTaps<null> = {
        session,
        job,
        trusted,
        quorum: headcount,
        remainingMs: expiry.remainingMs,
        prepareTouch: () => touchWithoutShare(headcount),
        count: headcount.count,
      }
      headcount.requirePossible()
      await askRequester(taps)
      const { confirmed } = await askCustodians(taps)
      session.progress('working', headcount.threshold, headcount.threshold)
      await session.vault.waiting({ approvals: headcount.people().map(({ id }) => id) })
      // The wait is on record; the last who tapped should still read that their tap was taken.
      await confirmed
    } finally {
      expiry.stop()
    }
  })

/** A touch that only signs. */
const touchWithoutShare = (headcount: Headcount): RequestTouch<null> => ({
  asks: () => false,
  allow: (people) =>
    people.flatMap(({ keys }) =>
      keys.map(({ credentialId, transports }) => ({ id: credentialId, transports, salts: null })),
    ),
  open: ({ person }: Pick<ProvenTap, 'person'>) => {
    const standing = headcount.standingOf(person)
    if ('refused' in standing) throw new HalliganError(standing.refused, { custodian: person.id })
    return { taken: null, wrap: null }
  },
})

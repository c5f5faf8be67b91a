/**
 * A request: the requester's tap opens it, k distinct custodians' taps grant it, and only when that is on disk does a
 * window show fields, one by one, each recorded before it is shown.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { asHalliganError } from '../../../shared/errors.ts'
import type { Payload } from '../crypto/payload.ts'
import { openRecord } from '../crypto/record.ts'
import { startElapsed } from '../elapsed.ts'
import { createRevealRoom } from '../reveal/room.ts'
import type { Session } from '../session.ts'
import { settleWithin } from '../settle-within.ts'
import { trustRequest } from '../trust/request.ts'
import { askCustodians, askRequester, noteMissingWraps, type RequestTaps } from './quorum-taps.ts'
import { createQuorum, type Quorum } from './quorum.ts'

type UnsealJob = JobOf<'unseal'>

const checkMs = 250
/** How long the vault process has to record why a request failed (ms). */
const reportMs = 800

/**
 * Runs to the end of the window, or to the reason why there was none.
 * @throws HalliganError with the cause's code when the operation was ended before the window opened; otherwise the code
 *   of what failed, reported as `failed` before.
 */
export async function unseal(session: Session, job: UnsealJob): Promise<void> {
  try {
    await runRequest(session, job)
  } catch (error) {
    const cause = session.ending.cause()
    session.secrets.wipeAll()
    if (cause === null) {
      const { code, detail } = asHalliganError(error)
      const custodian = typeof detail['custodian'] === 'string' ? detail['custodian'] : null
      await settleWithin(reportMs, [session.vault.failed({ code, custodian })])
    } else if (cause.code !== 'TAP_CANCELLED') {
      // Nothing was open, but why it ended (suspend, lock, quit) is worth an entry as much. A person's Cancel says
      // enough by itself.
      await settleWithin(reportMs, [session.afterEnd.vault.windowClosed({ reason: cause.reason, openedMs: 0 })])
    }
    throw error
  }
}

async function runRequest(session: Session, job: UnsealJob): Promise<void> {
  const expiry = watchExpiry(session, job)
  try {
    const trusted = await trustRequest(session.host, job)
    const quorum = createQuorum(trusted)
    const taps: RequestTaps = {
      session,
      job,
      trusted,
      quorum,
      remainingMs: expiry.remainingMs,
      damagedWraps: new Set(),
    }
    noteMissingWraps(taps)
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

/** Combines, checks, decrypts. The keeper owns the plaintext: whatever ends the operation also overwrites it. */
function openPayload({ sodium, secrets }: Session, { record }: UnsealJob, quorum: Quorum): Payload {
  const payload = quorum.spendShares((shares) => openRecord(sodium, record, shares))
  for (const part of [payload.runbook, ...payload.values]) secrets.keep(part)
  return payload
}

/** Ends the operation when the request's time is over by either clock; a clock set back does not add to it. */
function watchExpiry({ clock, ending }: Session, job: UnsealJob): { remainingMs: () => number; stop: () => void } {
  const lifetimeMs = Date.parse(job.expiresAt) - clock.wall()
  const elapsed = startElapsed(clock)
  const remainingMs = (): number => lifetimeMs - elapsed()
  const check = (): void => {
    if (remainingMs() <= 0) ending.end({ code: 'REQUEST_EXPIRED', reason: 'time-elapsed' })
  }
  check()
  const timer = setInterval(check, checkMs)
  const stop = (): void => {
    clearInterval(timer)
  }
  ending.onEnd(stop)
  return { remainingMs, stop }
}

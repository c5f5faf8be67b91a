/** What both rounds of a request share: how long it lives, and what is said when it fails. */
import { asHalliganError } from '../../../shared/errors.ts'
import { startElapsed } from '../elapsed.ts'
import type { Session } from '../session.ts'
import { settleWithin } from '../settle-within.ts'

const checkMs = 250
/** How long the vault process has to record why a request failed (ms). */
const reportMs = 800

/**
 * Runs to the end, or to the reason why there was none.
 * @throws HalliganError with the cause's code when the operation was ended before its time; otherwise the code of what failed,
 *   reported as `failed` before.
 */
export async function runReported(session: Session, run: () => Promise<void>): Promise<void> {
  try {
    await run()
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

export interface Expiry {
  readonly remainingMs: () => number
  readonly stop: () => void
}

/** Ends the operation when the request's time is over by either clock; a clock set back does not add to it. */
export function watchExpiry({ clock, ending }: Session, { expiresAt }: { readonly expiresAt: string }): Expiry {
  const lifetimeMs = Date.parse(expiresAt) - clock.wall()
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

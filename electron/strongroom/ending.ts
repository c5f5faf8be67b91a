/** The one latched end of an operation: whoever calls first decides why, everything else follows from it. */
import type { CloseReason } from '../../shared/audit/entry.ts'
import type { Client, Contract } from '../../shared/contracts/contract.ts'
import { HalliganError, type ErrorCode } from '../../shared/errors.ts'

/** Why an operation is over before it is done (or, for an open window, why the window is). */
export interface EndCause {
  readonly code: ErrorCode
  /** What the log says closed the window, if one is open. */
  readonly reason: CloseReason
}

export interface Ending {
  /** Null while the operation may go on. */
  readonly cause: () => EndCause | null
  /** Ends it; later calls change nothing. Listeners run before this returns. */
  readonly end: (cause: EndCause) => void
  /** Called once at the end, or at once when it has ended. */
  readonly onEnd: (listener: (cause: EndCause) => void) => void
  /**
   * `work`, unless the operation ends first.
   * @throws HalliganError with the cause's code when it ends (or has ended).
   */
  readonly orEnd: <T>(work: Promise<T>) => Promise<T>
}

/** `client`, each of whose calls rejects with the cause's code when the operation ends first. */
export const untilEnd = <C extends Contract>(ending: Ending, client: Client<C>): Client<C> =>
  Object.fromEntries(
    Object.entries<(input: never) => Promise<unknown>>(client).map(([name, call]) => [
      name,
      (input: never) => ending.orEnd(call(input)),
    ]),
  ) as unknown as Client<C>

/** A fresh, open operation. */
export function createEnding(): Ending {
  let cause: EndCause | null = null
  const listeners: ((cause: EndCause) => void)[] = []
  const onEnd: Ending['onEnd'] = (listener) => {
    if (cause === null) listeners.push(listener)
    else listener(cause)
  }
  return {
    cause: () => cause,
    end: (next) => {
      if (cause !== null) return
      cause = next
      for (const listener of listeners.splice(0)) listener(next)
    },
    onEnd,
    orEnd: (work) =>
      new Promise((resolve, reject) => {
        onEnd(({ code }) => {
          reject(new HalliganError(code))
        })
        work.then(resolve, reject)
      }),
  }
}

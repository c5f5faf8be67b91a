/**
 * The life of one touch: asked for, perhaps asked again (a key plugged in late is not seen by a call already under way),
 * answered once. Knows nothing of the page or of WebAuthn itself, so that it can be tested without either.
 */

/** none: nobody asks. ready: waits for the person to press a button. asking: the key is being asked now. */
export type TouchPhase = 'none' | 'ready' | 'asking'

export interface Touch {
  /** Asks with `ask` until it settles other than by {@link askAgain}; rejects with what `ask` threw. */
  readonly run: <T>(ask: () => Promise<T>) => Promise<T>
  /** Starts a touch that waits, or abandons the pending call and makes a new one. */
  readonly askAgain: () => void
  /** Ends the touch; {@link run} rejects with an AbortError. */
  readonly cancel: () => void
  /** The touch just made was refused: there is something to read before the next. */
  readonly refused: () => void
  /** What is to be read was read, by what the person did in another way than by a press here. */
  readonly read: () => void
}

/**
 * never: a key is asked at once. first: not before a press, and after that at once until a touch fails; where asking covers
 * what is to be read. always: every touch waits for a press (development builds and tests).
 */
export type Waits = 'never' | 'first' | 'always'

interface TouchOptions {
  readonly waits: Waits
  readonly onPhase: (phase: TouchPhase) => void
  /** Makes the pending `ask` reject soon. */
  readonly abandon: () => void
  /** Milliseconds, never going back. */
  readonly now: () => number
}

/** Refusals within this time of asking were hardly a person's doing. */
const hastyMs = 2000
/** After this many of them in a row a person must press; or a system dialog would open as fast as it is closed. */
const hastyLimit = 3

const abortError = (): Error => new DOMException('cancelled by the person', 'AbortError')

/** One touch at a time; a page has one of these. */
export function createTouch({ waits, onPhase, abandon, now }: TouchOptions): Touch {
  let release: (() => void) | undefined
  let again = false
  let cancelled = false
  let hasty = 0
  let mustPress = waits !== 'never'

  const waitForPress = async (): Promise<void> => {
    onPhase('ready')
    await new Promise<void>((resolve) => {
      release = resolve
    })
    release = undefined
    mustPress = waits === 'always'
  }

  const askUntilSettled = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      onPhase('asking')
      const since = now()
      again = false
      try {
        const answer = await ask()
        hasty = 0
        return answer
      } catch (error) {
        // `again` and `cancelled` change while the key is being asked.
        if (isCancelled()) throw abortError()
        if (isAskedAgain()) continue
        hasty = now() - since < hastyMs ? hasty + 1 : 0
        mustPress = waits !== 'never'
        throw error
      }
    }
  }
  const isCancelled = (): boolean => cancelled
  const isAskedAgain = (): boolean => again

  return {
    run: async (ask) => {
      cancelled = false
      try {
        if (mustPress || hasty >= hastyLimit) await waitForPress()
        if (isCancelled()) throw abortError()
        return await askUntilSettled(ask)
      } finally {
        onPhase('none')
      }
    },
    askAgain: () => {
      hasty = 0
      if (release !== undefined) release()
      else {
        again = true
        abandon()
      }
    },
    cancel: () => {
      cancelled = true
      release?.()
      abandon()
    },
    refused: () => {
      mustPress = waits !== 'never'
    },
    read: () => {
      mustPress = waits === 'always'
    },
  }
}

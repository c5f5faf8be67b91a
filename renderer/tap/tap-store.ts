/** What the tap page knows, and the contract it serves with it. */
import { WebAuthnAbortService } from '@simplewebauthn/browser'
import { createHub, type Input, type Served } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { tapContract, type TapView } from '../../shared/contracts/tap.ts'
import { playTone } from '../ui/tone.ts'
import { createKey, nameFailure, touchKey } from './ask-key.ts'
import { createPassphraseDesk, type PassphraseAsked } from './passphrase-desk.ts'
import { sealPassphrase } from './seal-secret.ts'
import { createTouch, type TouchPhase, type Waits } from './touch.ts'

type Feedback = Input<typeof tapContract, 'feedback'>

export interface TapState {
  /** waiting: no port yet; open: serving; over: this tap has ended. */
  readonly life: 'waiting' | 'open' | 'over'
  readonly view: TapView | null
  readonly phase: TouchPhase
  /** A passphrase that is waited for: comes before the key is asked. */
  readonly passphrase: PassphraseAsked | null
  readonly feedback: Feedback | null
  /** Counts feedbacks, so that the same one twice is seen twice. */
  readonly feedbackCount: number
}

export interface TapStore {
  readonly waits: Waits
  readonly getState: () => TapState
  readonly subscribe: (listener: () => void) => () => void
  /** Serves the next tap on `port`, dropping whatever was under way. */
  readonly attach: (port: Port) => void
  readonly askAgain: () => void
  /** Takes over what was entered. */
  readonly givePassphrase: (bytes: Uint8Array<ArrayBuffer> | null) => void
  readonly cancel: () => void
}

const start: TapState = {
  life: 'waiting',
  view: null,
  phase: 'none',
  passphrase: null,
  feedback: null,
  feedbackCount: 0,
}

/** The store of the one tap page. */
export function createTapStore(waits: Waits): TapStore {
  let state = start
  let served: Served<typeof tapContract> | undefined
  let detach: (() => void) | undefined
  const listeners = new Set<() => void>()
  const update = (change: Partial<TapState>): void => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const touch = createTouch({
    waits,
    // The feedback stays while the next person is asked: it is what they wait for.
    onPhase: (phase) => update({ phase }),
    abandon: () => WebAuthnAbortService.cancelCeremony(),
    now: () => performance.now(),
  })
  const desk = createPassphraseDesk((passphrase) => update({ passphrase }))
  type Failure = { readonly ok: false; readonly name: ReturnType<typeof nameFailure> }
  /** What `take` makes of what is entered, which is overwritten after that. */
  const withPassphrase = async <T>(
    asked: PassphraseAsked | null,
    take: (bytes: Uint8Array<ArrayBuffer> | null) => Promise<T | Failure>,
  ): Promise<T | Failure> => {
    let bytes: Uint8Array<ArrayBuffer> | null = null
    try {
      if (asked !== null) {
        bytes = await desk.ask(asked)
        touch.read()
      }
      return await take(bytes)
    } catch (error) {
      return { ok: false, name: nameFailure(error) }
    } finally {
      bytes?.fill(0)
    }
  }
  const settle = async <T>(ask: () => Promise<T>): Promise<T | { ok: false; name: ReturnType<typeof nameFailure> }> => {
    try {
      return await touch.run(ask)
    } catch (error) {
      return { ok: false, name: nameFailure(error) }
    } finally {
      countTouch()
    }
  }
  return {
    waits,
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    attach: (port) => {
      detach?.()
      const hub = createHub(port)
      let current = true
      update({ ...start, life: 'open', feedbackCount: state.feedbackCount })
      served = hub.serve(tapContract, {
        show: (view) => {
          if (current) update({ view })
          return {}
        },
        create: (input) => settle(() => createKey(input)),
        get: (input) => {
          const asked = input.passphrase
          return withPassphrase(
            asked === undefined ? null : { kind: 'enter', optional: asked === 'offer' },
            (passphrase) => settle(() => touchKey(input, passphrase)),
          )
        },
        choosePassphrase: ({ strongroomKey, challenge }) =>
          withPassphrase({ kind: 'choose' }, async (bytes) => {
            if (bytes === null) throw new DOMException('nothing was chosen', 'AbortError')
            return { ok: true as const, passphrase: await sealPassphrase(bytes, strongroomKey, challenge) }
          }),
        feedback: (feedback) => {
          if (!current) return {}
          if (!feedback.accepted) touch.refused()
          playTone(feedback.accepted ? 'accepted' : 'refused')
          update({ feedback, feedbackCount: state.feedbackCount + 1 })
          return {}
        },
      })
      detach = () => {
        current = false
        desk.cancel()
        touch.cancel()
        hub.close()
      }
      hub.onClose(() => {
        if (!current) return
        current = false
        desk.cancel()
        touch.cancel()
        update({ life: 'over', phase: 'none' })
      })
    },
    givePassphrase: desk.give,
    askAgain: () => {
      update({ feedback: null })
      touch.askAgain()
    },
    cancel: () => {
      served?.emit('cancelled', {})
      desk.cancel()
      touch.cancel()
    },
  }
}

/** On the page's root, for whoever watches it from outside: how many touches have settled. */
function countTouch(): void {
  const { dataset } = document.documentElement
  dataset['touches'] = String(Number(dataset['touches'] ?? '0') + 1)
}

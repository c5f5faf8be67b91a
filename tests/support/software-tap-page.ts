/**
 * The tap page without pixels: serves the tap contract with software security keys. A touch is laid down first (as a
 * virtual key must be held before WebAuthn is called); each get or create takes the next one.
 */
import { webcrypto } from 'node:crypto'
import { createMailbox } from '../../electron/platform/ports.ts'
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { createHub, type Input } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import {
  tapContract,
  type CreateAnswer,
  type PassphraseAnswer,
  type TapAnswer,
  type TapSecret,
  type TapView,
} from '../../shared/contracts/tap.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { rpId, windowOrigin } from '../../shared/domain/tap.ts'
import type { SoftwareKey } from './software-key.ts'

/** How one touch deviates from an honest page and key. */
export interface Touch {
  readonly key: SoftwareKey
  readonly origin?: string
  readonly rpId?: string
  /** Signs this instead of the challenge asked for. */
  readonly challenge?: Uint8Array
  /** Answers with this recorded answer instead of asking the key. */
  readonly replay?: TapAnswer
  /** Uses the key although it is not among the allowed ones. */
  readonly force?: boolean
  /** Entered before the touch, if it is asked for. */
  readonly passphrase?: string
}

export interface Feedback {
  readonly accepted: boolean
  readonly code: ErrorCode | null
  readonly person: string | null
}

export interface SoftwareTapPage {
  /** Attach to a fresh port of the tap page. */
  readonly attach: (port: Port) => void
  /** Lays down one touch and resolves with the page's feedback on it (enrolment touches: null until the key is done). */
  readonly touch: (touch: Touch | SoftwareKey) => void
  /** The next feedback. */
  readonly feedback: () => Promise<Feedback>
  readonly views: TapView[]
  readonly answers: TapAnswer[]
  /** What was asked of new keys. */
  readonly creations: Input<typeof tapContract, 'create'>[]
  readonly gets: Input<typeof tapContract, 'get'>[]
  /** New passphrases, for when the page is asked to have one chosen. */
  readonly chosen: string[]
  /** How often it was. */
  readonly choices: () => number
  readonly cancel: () => void
  /** Forgets feedback that nobody asked for. */
  readonly forget: () => void
}

/** A passphrase as it travels: padded with one byte 0x80 and zeros to 256 bytes. */
function sealPassphrase(
  strongroomKey: string,
  challenge: Uint8Array<ArrayBuffer>,
  passphrase: string,
): Promise<TapSecret> {
  const padded = new Uint8Array(256)
  const bytes = utf8(passphrase)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  return sealSecret(strongroomKey, challenge, padded, 'halligan/tap-channel/passphrase/v1\n')
}

/** Encrypts PRF outputs to the strongroom's key of this touch (docs/format-sealing.md, tap channel). */
async function sealSecret(
  strongroomKey: string,
  challenge: Uint8Array<ArrayBuffer>,
  secret: Uint8Array<ArrayBuffer>,
  info = 'halligan/tap-channel/v1\n',
): Promise<TapSecret> {
  const { subtle } = webcrypto
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  const pair = await subtle.generateKey(curve, false, ['deriveBits'])
  const peer = await subtle.importKey('raw', fromBase64Url(strongroomKey), curve, false, [])
  const shared = await subtle.deriveBits({ name: 'ECDH', public: peer }, pair.privateKey, 256)
  const hkdf = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const key = await subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: challenge, info: utf8(info) },
    hkdf,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt'],
  )
  const iv = webcrypto.getRandomValues(new Uint8Array(12))
  const box = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: challenge }, key, secret)
  return {
    pageKey: toBase64Url(new Uint8Array(await subtle.exportKey('raw', pair.publicKey))),
    iv: toBase64Url(iv),
    box: toBase64Url(new Uint8Array(box)),
  }
}

/** A tap page that waits for touches. */
export function createSoftwareTapPage(): SoftwareTapPage {
  const touches: Touch[] = []
  const takers: ((touch: Touch) => void)[] = []
  const feedbacks = createMailbox<[Feedback]>()
  const arrived: Feedback[] = []
  const wanting: ((feedback: Feedback) => void)[] = []
  feedbacks.listen((feedback) => {
    const next = wanting.shift()
    if (next === undefined) arrived.push(feedback)
    else next(feedback)
  })
  const views: TapView[] = []
  const answers: TapAnswer[] = []
  const creations: Input<typeof tapContract, 'create'>[] = []
  const gets: Input<typeof tapContract, 'get'>[] = []
  const chosen: string[] = []
  let choices = 0
  let cancel: () => void = () => undefined
  const takeTouch = (): Promise<Touch> =>
    new Promise((resolve) => {
      const ready = touches.shift()
      if (ready === undefined) takers.push(resolve)
      else resolve(ready)
    })

  async function get(input: Input<typeof tapContract, 'get'>): Promise<TapAnswer> {
    const touch = await takeTouch()
    if (touch.replay !== undefined) return touch.replay
    const allowed = input.allow.find((key) => key.id === touch.key.credentialId)
    if (allowed === undefined && touch.force !== true) return { ok: false, name: 'NotAllowedError' }
    const challenge = fromBase64Url(input.challenge)
    const salts = allowed?.salts ?? null
    const inputs =
      salts === null ? [] : [salts.first, salts.second].flatMap((salt) => (salt === null ? [] : [fromBase64Url(salt)]))
    const made = touch.key.assert({
      challenge: touch.challenge ?? challenge,
      origin: touch.origin ?? windowOrigin,
      rpId: touch.rpId ?? rpId,
      prf: inputs,
    })
    return {
      ok: true,
      key: touch.key.credentialId,
      assertion: {
        authenticatorData: toBase64Url(made.authenticatorData),
        clientDataJSON: toBase64Url(made.clientDataJSON),
        signature: toBase64Url(made.signature),
      },
      secret: made.prf.length === 0 ? null : await sealSecret(input.strongroomKey, challenge, concatBytes(...made.prf)),
      ...(input.passphrase === undefined || touch.passphrase === undefined
        ? {}
        : { passphrase: await sealPassphrase(input.strongroomKey, challenge, touch.passphrase) }),
    }
  }

  return {
    attach: (port) => {
      const hub = createHub(port)
      // A page that is gone takes no more touches.
      hub.onClose(() => {
        takers.length = 0
      })
      const served = hub.serve(tapContract, {
        show: (view) => {
          views.push(view)
          return {}
        },
        create: async (input): Promise<CreateAnswer> => {
          creations.push(input)
          const touch = await takeTouch()
          if (input.exclude.some((key) => key.id === touch.key.credentialId))
            return { ok: false, name: 'InvalidStateError' }
          const made = touch.key.register({
            challenge: touch.challenge ?? fromBase64Url(input.challenge),
            origin: touch.origin ?? windowOrigin,
            rpId: touch.rpId ?? rpId,
          })
          return {
            ok: true,
            key: touch.key.credentialId,
            attestationObject: toBase64Url(made.attestationObject),
            clientDataJSON: toBase64Url(made.clientDataJSON),
            transports: made.transports,
          }
        },
        choosePassphrase: async ({ challenge, strongroomKey }): Promise<PassphraseAnswer> => {
          choices += 1
          const passphrase = chosen.shift()
          if (passphrase === undefined) return { ok: false, name: 'AbortError' }
          return {
            ok: true,
            passphrase: await sealPassphrase(strongroomKey, fromBase64Url(challenge), passphrase),
          }
        },
        get: async (input) => {
          gets.push(input)
          const answer = await get(input)
          answers.push(answer)
          return answer
        },
        feedback: (given) => {
          feedbacks.deliver(
            given.accepted
              ? { accepted: true, code: null, person: given.person }
              : { accepted: false, code: given.code, person: given.person },
          )
          return {}
        },
      })
      cancel = () => {
        served.emit('cancelled', {})
      }
    },
    touch: (touch) => {
      const next = 'key' in touch ? touch : { key: touch }
      const taker = takers.shift()
      if (taker === undefined) touches.push(next)
      else taker(next)
    },
    feedback: () =>
      new Promise((resolve) => {
        const ready = arrived.shift()
        if (ready === undefined) wanting.push(resolve)
        else resolve(ready)
      }),
    views,
    answers,
    creations,
    gets,
    chosen,
    choices: () => choices,
    cancel: () => {
      cancel()
    },
    forget: () => {
      arrived.length = 0
    },
  }
}

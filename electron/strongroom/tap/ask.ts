/** Asks for one tap until it is a good one: every refusal is recorded, told to the person, and asked for again. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { tapContract, TapAnswer, TapView } from '../../../shared/contracts/tap.ts'
import type { Manifest, Person, SecurityKey } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { createPassphrase, type Passphrase } from '../crypto/passphrase.ts'
import type { Session } from '../session.ts'
import { findHolder } from '../trust/manifests.ts'
import { verifyAssertion } from './assertion.ts'
import { openTouchChannel, type PrfValues, type TouchChannel } from './channel.ts'
import { toCose } from './cose.ts'
import { isPageLost, type TapClient } from './tap-page.ts'

/** A touch gives two PRF values at most (WebAuthn Level 3, section 10.1.4). */
export const valuesPerTouch = 2

export type AllowedKey = Input<typeof tapContract, 'get'>['allow'][number]

/** A tap whose signature held, by somebody the manifest knows. Whether they may is the operation's question. */
export interface ProvenTap {
  readonly tap: Tap
  readonly person: Person
  readonly key: SecurityKey
  readonly signCount: number
  /** Null when the key gave none (or none was asked of it). Wiped when `accept` returns. */
  readonly prf: PrfValues | null
  /** What was entered for this tap, if that was asked for. Wiped likewise. */
  readonly passphrase: Passphrase | null
}

export interface TapQuestion<T> {
  /** Whose keys are known: the verified manifest, or for enrolment a manifest of one person. */
  readonly manifest: Pick<Manifest, 'persons'>
  readonly challenge: Uint8Array<ArrayBuffer>
  readonly view: () => TapView
  /** Made anew for every touch (salts are fresh). */
  readonly allow: () => AllowedKey[]
  /** Whether a passphrase is entered before the touch; undefined: nobody is asked for one. */
  readonly passphrase?: () => 'ask' | 'offer' | undefined
  /** Latest moment, in ms from now; undefined: only the usual time-out. */
  readonly remainingMs?: () => number
  /** Judges a proven tap; throws TAP_*, SHARE_* to refuse it. Must not keep `prf`. */
  readonly accept: (tap: ProvenTap) => T | Promise<T>
  /** Called after a refusal is recorded; throws when no further tap can help. */
  readonly afterRefusal?: () => void
}

/** Whose touch was refused, as far as is known. */
export interface Refusal {
  readonly code: ErrorCode
  readonly person: Person | null
  readonly key: string | null
}

const browserCodes: Readonly<Record<Extract<TapAnswer, { ok: false }>['name'], ErrorCode>> = {
  NotAllowedError: 'TAP_NOT_ALLOWED',
  InvalidStateError: 'TAP_KEY_ALREADY_ENROLLED',
  AbortError: 'TAP_CANCELLED',
  SecurityError: 'TAP_ORIGIN_WRONG',
  NotSupportedError: 'TAP_ALGORITHM_UNSUPPORTED',
  TimeoutError: 'TAP_TIMEOUT',
  UnknownError: 'TAP_NOT_ALLOWED',
}

/** Our code for the name of a DOMException that WebAuthn gave. */
export const codeOfBrowserError = (name: keyof typeof browserCodes): ErrorCode => browserCodes[name]

/** Whether an error refuses one touch (and the next may be better) rather than ending the operation. */
export const isRefusal = (error: unknown): error is HalliganError =>
  error instanceof HalliganError &&
  (error.code.startsWith('TAP_') || error.code === 'SHARE_DAMAGED' || error.code === 'SHARE_WRONG')

/** A touch that failed faster than a person can (ms): the next one is asked for ever more slowly. */
const atOnceMs = 1000

/**
 * Asks until a tap is accepted.
 * @returns what `accept` made of it. The confirmation (`confirmTap`) is the caller's, after it is durable.
 * @throws HalliganError with the cause's code when the operation ends first; whatever else `accept` or the vault throw.
 */
export async function askForTap<T>(session: Session, question: TapQuestion<T>): Promise<T> {
  return askUntil(
    session,
    async (page) => {
      const refusal: { person: Person | null; key: string | null } = { person: null, key: null }
      try {
        await session.ending.orEnd(page.show(question.view()))
        return { accepted: await takeTouch(session, page, question, refusal) }
      } catch (error) {
        if (!isRefusal(error)) throw error
        return { refused: { code: error.code, ...refusal } }
      }
    },
    question.afterRefusal,
  )
}

type Attempt<T> = { readonly accepted: T } | { readonly refused: Refusal }

/** Repeats `attempt` on the page of the moment until it is accepted, slower and slower while it fails at once. */
export async function askUntil<T>(
  session: Session,
  attempt: (page: TapClient) => Promise<Attempt<T>>,
  afterRefusal?: () => void,
): Promise<T> {
  const { clock, pauses, tapPage, vault } = session
  let backOff = pauses.firstBackOff
  for (;;) {
    const page = await tapPage.client()
    const askedAt = clock.monotonic()
    let result: Attempt<T>
    try {
      result = await attempt(page)
    } catch (error) {
      if (!isPageLost(error) || session.ending.cause() !== null) throw error
      await session.pause(backOff)
      continue
    }
    tapPage.proved()
    if ('accepted' in result) return result.accepted
    const { code, person, key } = result.refused
    await vault.tapRefused({ code, person: person?.id ?? null, key })
    void tapPage.tell({ accepted: false, code, person: person?.name ?? null })
    afterRefusal?.()
    const atOnce = clock.monotonic() - askedAt < atOnceMs && person === null
    backOff = atOnce ? Math.min(backOff * 2, pauses.longestBackOff) : pauses.firstBackOff
    await session.pause(atOnce ? backOff : pauses.afterRefused)
  }
}

async function takeTouch<T>(
  session: Session,
  page: TapClient,
  question: TapQuestion<T>,
  refusal: { person: Person | null; key: string | null },
): Promise<T> {
  const channel = await openTouchChannel(session.secrets)
  const allow = question.allow()
  const passphrase = question.passphrase?.()
  const timeoutMs = limits.tapTimeoutSeconds * 1000
  const answer = await session.ending.orEnd(
    page.get({
      challenge: toBase64Url(question.challenge),
      allow,
      strongroomKey: channel.strongroomKey,
      timeoutMs: Math.max(1000, Math.min(timeoutMs, Math.ceil(question.remainingMs?.() ?? timeoutMs))),
      ...(passphrase === undefined ? {} : { passphrase }),
    }),
  )
  if (!answer.ok) throw new HalliganError(codeOfBrowserError(answer.name))
  refusal.key = answer.key
  const proven = await proveTap(session, question, answer, channel, refusal)
  try {
    return await question.accept(proven)
  } catch (error) {
    // Ed25519 is deterministic: where the key keeps no counter, the honest second try has the same signature.
    if (error instanceof HalliganError && secondTries.has(error.code)) session.seen.delete(answer.assertion.signature)
    throw error
  } finally {
    proven.passphrase?.wipe()
    proven.prf?.first.wipe()
    proven.prf?.second?.wipe()
  }
}

/** Refused for what came with the touch, not for the touch. */
const secondTries: ReadonlySet<ErrorCode> = new Set(['TAP_NO_PRF', 'TAP_PASSPHRASE_NEEDED', 'TAP_PASSPHRASE_WRONG'])

async function proveTap(
  session: Session,
  { manifest, challenge }: Pick<TapQuestion<unknown>, 'manifest' | 'challenge'>,
  answer: Extract<TapAnswer, { ok: true }>,
  channel: TouchChannel,
  refusal: { person: Person | null },
): Promise<ProvenTap> {
  const { assertion } = answer
  const holder = findHolder(manifest, answer.key)
  if (holder === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
  const { person, key } = holder
  refusal.person = person
  if (session.seen.has(assertion.signature)) throw new HalliganError('TAP_REPLAYED')
  const { signCount } = await verifyAssertion(
    key,
    toCose(key.publicKey),
    assertion,
    challenge,
    session.tapPage.isOrigin,
  )
  session.seen.add(assertion.signature)
  const prf = answer.secret === null ? null : await channel.open(answer.secret, challenge)
  const tap = { person: person.id, key: key.credentialId, assertion }
  if (answer.passphrase === undefined) return { tap, person, key, signCount, prf, passphrase: null }
  const entered = await channel.openPassphrase(answer.passphrase, challenge)
  return { tap, person, key, signCount, prf, passphrase: await createPassphrase(session.secrets, entered) }
}

/** A page that does not answer must not hold up the next custodian (ms). */
const confirmMs = 300

/**
 * Tells the person that their tap was accepted (it is recorded by now) and leaves that on screen for a moment, with what
 * it changed (`view`).
 */
export async function confirmTap(session: Session, { name }: Pick<Person, 'name'>, view?: TapView): Promise<void> {
  await Promise.race([session.tapPage.tell({ accepted: true, person: name }, view), session.pause(confirmMs)])
    .then(() => session.pause(session.pauses.afterAccepted))
    // An end that comes now must not turn what is recorded already into something cancelled.
    .catch(() => undefined)
}

/** {@link confirmTap}; then the page that saw the tap is destroyed. */
export async function confirmAndClose(session: Session, person: Pick<Person, 'name'>, view?: TapView): Promise<void> {
  await confirmTap(session, person, view)
  await session.tapPage.close()
}

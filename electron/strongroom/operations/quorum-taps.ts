/** The taps of a request: first the requester's, then custodians' until k distinct people have tapped. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, isRefusal, type ProvenTap } from '../tap/ask.ts'
import type { TrustedRequest } from '../trust/request.ts'
import type { CustodianTouch } from './custodian-touch.ts'
import type { Opened } from './own-share.ts'
import type { Headcount } from './quorum.ts'
import { listed, requestLines, requestTitle, touchNow } from './views.ts'

/** One touch of a request: whom it is asked of and for what, and what comes of it. */
export type RequestTouch<T> = Pick<CustodianTouch<T>, 'allow' | 'asks' | 'open'>

/** @typeParam T what a tap that counts brings: a share, or, in a first round, nothing */
export interface RequestTaps<T> {
  readonly session: Session
  readonly job: JobOf<'unseal' | 'approve'>
  readonly trusted: TrustedRequest
  readonly quorum: Omit<Headcount, 'count'>
  /** Until the request expires. */
  readonly remainingMs: () => number
  readonly prepareTouch: () => RequestTouch<T>
  readonly count: (person: Person, taken: T) => void
}

interface Accepted<T> {
  readonly proven: ProvenTap
  /** Null: the tap is good, but does not count. */
  readonly own: Opened<T> | null
  /** Why it does not although it should. */
  readonly loss: ErrorCode | null
}

/** The requester's own tap. Where they may be one of the quorum and their key can, it counts. */
export async function askRequester<T>(taps: RequestTaps<T>): Promise<void> {
  const { session, trusted, quorum } = taps
  const { requester } = trusted
  const touch = taps.prepareTouch()
  // The app window must know that a tap is awaited, or it says "preparing" while people wait for it.
  reportProgress(taps)
  const accepted = await askForTap(session, {
    manifest: trusted.manifest,
    challenge: trusted.challenge,
    remainingMs: taps.remainingMs,
    view: () => ({
      kind: 'request-opening',
      ...describe(taps),
      people: [listed(requester, 'waiting')],
      have: 0,
      need: 1,
      instruction: `${requester.name}, who asks: ${touchNow.charAt(0).toLowerCase()}${touchNow.slice(1)}`,
    }),
    allow: () => touch.allow([requester]),
    passphrase: () => (touch.asks() ? 'ask' : undefined),
    accept: (proven): Accepted<T> => {
      if (proven.person.id !== requester.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
      const mayCount = (): boolean => 'custodian' in quorum.standingOf(requester)
      if (!mayCount()) return { proven, own: null, loss: null }
      try {
        return { proven, own: touch.open(proven), loss: null }
      } catch (error) {
        // Another touch or another key of theirs may still bring the share: then this one is refused like any other.
        if (!isRefusal(error) || mayCount()) throw error
        // Their share is lost, but not their word: it opens the request all the same, and the loss is recorded beside it.
        return { proven, own: null, loss: error.code }
      }
    },
  })
  await recordTap(taps, accepted)
  if (accepted.loss !== null) {
    const { person, key } = accepted.proven.tap
    await session.vault.tapRefused({ code: accepted.loss, person, key })
  }
  quorum.requirePossible()
  reportProgress(taps)
  await confirmAndClose(session, requester)
}

/**
 * Custodians' taps until the quorum is complete.
 * @returns `confirmed`: the page of the last one, who need not be waited for. Never rejects.
 */
export async function askCustodians<T>(taps: RequestTaps<T>): Promise<{ readonly confirmed: Promise<void> }> {
  let last = Promise.resolve()
  const { session, trusted, quorum } = taps
  const people = trusted.custodians.map(({ person }) => person)
  while (!quorum.isComplete()) {
    const touch = taps.prepareTouch()
    const accepted = await askForTap(session, {
      manifest: trusted.manifest,
      challenge: trusted.challenge,
      remainingMs: taps.remainingMs,
      view: () => describeQuorum(taps, people),
      allow: () => touch.allow(people),
      passphrase: () => (touch.asks() ? 'ask' : undefined),
      accept: (proven): Accepted<T> => ({ proven, own: touch.open(proven), loss: null }),
      afterRefusal: quorum.requirePossible,
    })
    const { person } = accepted.proven
    await recordTap(taps, accepted)
    reportProgress(taps)
    const confirmed = confirmAndClose(session, person, describeQuorum(taps, people))
    if (quorum.isComplete()) last = confirmed.catch(() => undefined)
    else await confirmed
  }
  return { confirmed: last }
}

async function recordTap<T>({ session, job, count }: RequestTaps<T>, { proven, own }: Accepted<T>): Promise<void> {
  const { tap, signCount, key, person } = proven
  await session.vault.tapAccepted({
    tap,
    counts: own !== null,
    signCount,
    signCountWentBack: wentBack(job.signCounts, key.credentialId, signCount),
    wrap: own?.wrap ?? null,
  })
  if (own !== null) count(person, own.taken)
}

const reportProgress = ({ session, quorum }: Pick<RequestTaps<unknown>, 'session' | 'quorum'>): void => {
  session.progress('tap', quorum.people().length, quorum.threshold)
}

function describe({ job, trusted }: Pick<RequestTaps<unknown>, 'job' | 'trusted'>): Pick<TapView, 'title' | 'lines'> {
  const credential = job.record.header.name
  const names = { credential, safe: trusted.safe.name, requester: trusted.requester.name }
  return {
    title: requestTitle(job.statement, credential, trusted.manifest),
    lines: [...requestLines(job.statement, names, trusted.manifest), ...struckOffLine(trusted)],
  }
}

function describeQuorum(
  taps: Pick<RequestTaps<unknown>, 'job' | 'trusted' | 'quorum'>,
  people: readonly Person[],
): TapView {
  const { quorum } = taps
  const counted = new Set(quorum.people().map(({ id }) => id))
  const have = counted.size
  const more = quorum.threshold - have
  return {
    kind: 'request',
    ...describe(taps),
    people: people.map((person) => {
      const waiting = 'custodian' in quorum.standingOf(person)
      return listed(person, counted.has(person.id) ? 'tapped' : waiting ? 'waiting' : 'not-needed')
    }),
    have,
    need: quorum.threshold,
    instruction:
      more === 0
        ? 'Enough have tapped.'
        : `${more === 1 ? 'One more custodian' : `${more} more custodians`}. ${touchNow}`,
  }
}

/** Whoever stole the key may have sealed this before it was struck off: those who tap must know. */
const struckOffLine = ({ struckOffSealer }: TrustedRequest): TapView['lines'] =>
  struckOffSealer === null
    ? []
    : [{ label: 'Sealed', value: `by ${struckOffSealer}, with a key that has been struck off since` }]

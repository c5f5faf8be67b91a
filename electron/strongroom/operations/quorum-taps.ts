/** The taps of a request: first the requester's, then custodians' until k distinct people have tapped. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, isRefusal, type ProvenTap } from '../tap/ask.ts'
import type { Custodian } from '../trust/record.ts'
import type { TrustedRequest } from '../trust/request.ts'
import { createCustodianTouch, loseWithoutWrap, type CustodianTouch } from './custodian-touch.ts'
import { openOwnShare, type Opened } from './own-share.ts'
import type { Quorum } from './quorum.ts'
import { listed, requestLines, requestTitle, touchNow } from './views.ts'

export interface RequestTaps {
  readonly session: Session
  readonly job: JobOf<'unseal'>
  readonly trusted: TrustedRequest
  readonly quorum: Quorum
  /** Until the request expires. */
  readonly remainingMs: () => number
  /** Credential ids of keys whose wrap did not open. */
  readonly damagedWraps: Set<string>
}

interface Accepted {
  readonly proven: ProvenTap
  /** Null: the tap is good, but brings no share. */
  readonly own: Opened<SecretBytes> | null
  /** Why it brings none although it should have. */
  readonly loss: ErrorCode | null
}

/**
 * Custodians without any wrap cannot be counted, whoever lost it; found before anybody is asked to tap.
 * @throws HalliganError when that leaves too few for the quorum.
 */
export function noteMissingWraps({ job, trusted, quorum, damagedWraps }: RequestTaps): void {
  const people = trusted.custodians.map(({ person }) => person)
  loseWithoutWrap({ job, safe: trusted.safe, quorum, damagedWraps }, people)
  quorum.requirePossible()
}

/** The requester's own tap. Where they may be one of the quorum and their key can, it counts. */
export async function askRequester(taps: RequestTaps): Promise<void> {
  const { session, trusted, quorum } = taps
  const { requester } = trusted
  const touch = prepareTouch(taps)
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
    accept: (proven): Accepted => {
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

/** Custodians' taps until the quorum is complete. The page of the last one is not waited for. */
export async function askCustodians(taps: RequestTaps): Promise<void> {
  const { session, trusted, quorum } = taps
  const people = trusted.custodians.map(({ person }) => person)
  while (!quorum.isComplete()) {
    const touch = prepareTouch(taps)
    const accepted = await askForTap(session, {
      manifest: trusted.manifest,
      challenge: trusted.challenge,
      remainingMs: taps.remainingMs,
      view: () => describeQuorum(taps, people),
      allow: () => touch.allow(people),
      passphrase: () => (touch.asks() ? 'ask' : undefined),
      accept: (proven): Accepted => ({ proven, own: touch.open(proven), loss: null }),
      afterRefusal: quorum.requirePossible,
    })
    const { person } = accepted.proven
    await recordTap(taps, accepted)
    reportProgress(taps)
    const confirmed = confirmAndClose(session, person, describeQuorum(taps, people))
    if (quorum.isComplete()) void confirmed.catch(() => undefined)
    else await confirmed
  }
}

/** One touch of this request: its salts, and the share that comes of it. */
function prepareTouch({ session, job, trusted, quorum, damagedWraps }: RequestTaps): CustodianTouch<SecretBytes> {
  return createCustodianTouch<Custodian, SecretBytes>({
    session,
    job,
    safe: trusted.safe,
    quorum,
    damagedWraps,
    take: (custodian, keys) => openOwnShare(session, job.record.header, custodian, keys),
  })
}

async function recordTap({ session, job, quorum }: RequestTaps, { proven, own }: Accepted): Promise<void> {
  const { tap, signCount, key, person } = proven
  await session.vault.tapAccepted({
    tap,
    counts: own !== null,
    signCount,
    signCountWentBack: wentBack(job.signCounts, key.credentialId, signCount),
    wrap: own?.wrap ?? null,
  })
  if (own !== null) quorum.count(person, own.taken)
}

const reportProgress = ({ session, quorum }: RequestTaps): void => {
  session.progress('tap', quorum.people().length, quorum.threshold)
}

function describe({ job, trusted }: RequestTaps): Pick<TapView, 'title' | 'lines'> {
  const credential = job.record.header.name
  const names = { credential, safe: trusted.safe.name, requester: trusted.requester.name }
  return {
    title: requestTitle(job.statement, credential, trusted.manifest),
    lines: [...requestLines(job.statement, names, trusted.manifest), ...struckOffLine(trusted)],
  }
}

function describeQuorum(taps: RequestTaps, people: readonly Person[]): TapView {
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
const struckOffLine = ({ struckOffSealer }: RequestTaps['trusted']): TapView['lines'] =>
  struckOffSealer === null
    ? []
    : [{ label: 'Sealed', value: `by ${struckOffSealer}, with a key that has been struck off since` }]

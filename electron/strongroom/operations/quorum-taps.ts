/** The taps of a request: first the requester's, then custodians' until k distinct people have tapped. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { needsPassphrase } from '../../../shared/domain/credential.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, isRefusal, type AllowedKey, type ProvenTap } from '../tap/ask.ts'
import type { TrustedRequest } from '../trust/request.ts'
import { findWrap, openOwnShare, type OwnShare } from './own-share.ts'
import type { Quorum } from './quorum.ts'
import { listed, requestLines, touchNow } from './views.ts'

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
  readonly own: OwnShare | null
  /** Why it brings none although it should have. */
  readonly loss: ErrorCode | null
}

/**
 * Custodians without any wrap cannot be counted, whoever lost it; found before anybody is asked to tap.
 * @throws HalliganError when that leaves too few for the quorum.
 */
export function noteMissingWraps({ job, trusted, quorum }: RequestTaps): void {
  for (const { person } of trusted.custodians) {
    const some = person.keys.some(
      ({ credentialId }) => findWrap(job, trusted.safe, person.id, credentialId) !== undefined,
    )
    if (!some) quorum.lose(person, 'TAP_WRAP_DAMAGED')
  }
  quorum.requirePossible()
}

/** The requester's own tap. Where they may be one of the quorum and their key can, it counts. */
export async function askRequester(taps: RequestTaps): Promise<void> {
  const { session, trusted, quorum } = taps
  const { requester } = trusted
  const salts = freshSalts(taps)
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
    allow: () => salts.allow([requester]),
    passphrase: () => (salts.asks() ? 'ask' : undefined),
    accept: (proven): Accepted => {
      if (proven.person.id !== requester.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
      const mayCount = (): boolean => 'custodian' in quorum.standingOf(requester)
      if (!mayCount()) return { proven, own: null, loss: null }
      try {
        return { proven, own: salts.open(proven), loss: null }
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
    const salts = freshSalts(taps)
    const accepted = await askForTap(session, {
      manifest: trusted.manifest,
      challenge: trusted.challenge,
      remainingMs: taps.remainingMs,
      view: () => describeQuorum(taps, people),
      allow: () => salts.allow(people),
      passphrase: () => (salts.asks() ? 'ask' : undefined),
      accept: (proven): Accepted => ({ proven, own: salts.open(proven), loss: null }),
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

/** Salts of one touch: each key's current one and a fresh one, and what to do with the answer. */
function freshSalts({ session, job, trusted, quorum, damagedWraps }: RequestTaps): {
  allow: (people: readonly Person[]) => AllowedKey[]
  /** Whether a wrap that was allowed needs a passphrase; in a safe that asks for one, all do. */
  asks: () => boolean
  open: (proven: ProvenTap) => OwnShare
} {
  const fresh = new Map<string, Uint8Array>()
  return {
    asks: () => job.wraps.some((wrap) => needsPassphrase(wrap) && fresh.has(wrap.key)),
    allow: (people) =>
      people.flatMap((person) =>
        person.keys.map(({ credentialId, transports }) => {
          const wrap = findWrap(job, trusted.safe, person.id, credentialId)
          // No salts for those who cannot be counted: they are allowed so that they hear why, not so that they give.
          const asked = wrap !== undefined && 'custodian' in quorum.standingOf(person)
          const salt = session.random(32)
          if (asked) fresh.set(credentialId, salt)
          const salts = asked ? { first: wrap.salt, second: toBase64Url(salt) } : null
          return { id: credentialId, transports, salts }
        }),
      ),
    open: ({ person, key, prf, passphrase }) => {
      const standing = quorum.standingOf(person)
      if ('refused' in standing) throw new HalliganError(standing.refused, { custodian: person.id })
      const wrap = findWrap(job, trusted.safe, person.id, key.credentialId)
      const salt = fresh.get(key.credentialId)
      if (wrap === undefined || salt === undefined) {
        throw new HalliganError('TAP_WRAP_DAMAGED', { custodian: person.id })
      }
      if (prf === null) throw new HalliganError('TAP_NO_PRF')
      try {
        return openOwnShare(session, job, standing.custodian, wrap, { prf, passphrase }, salt)
      } catch (error) {
        noteLoss(person, key.credentialId, error)
        throw error
      }
    },
  }

  function noteLoss(person: Person, key: string, error: unknown): void {
    if (!isRefusal(error)) return
    if (error.code === 'TAP_WRAP_DAMAGED') damagedWraps.add(key)
    const shareLost = error.code === 'SHARE_DAMAGED' || error.code === 'SHARE_WRONG'
    // With another key of theirs the same share may still be had.
    const another = person.keys.some(
      ({ credentialId }) =>
        !damagedWraps.has(credentialId) && findWrap(job, trusted.safe, person.id, credentialId) !== undefined,
    )
    if (shareLost || !another) quorum.lose(person, error.code)
  }
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
  if (own !== null) quorum.count(person, own.share)
}

const reportProgress = ({ session, quorum }: RequestTaps): void => {
  session.progress('tap', quorum.people().length, quorum.threshold)
}

function describe({ job, trusted }: RequestTaps): Pick<TapView, 'title' | 'lines'> {
  const credential = job.record.header.name
  const names = { credential, safe: trusted.safe.name, requester: trusted.requester.name }
  return {
    title: `Break glass: ${credential}`,
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

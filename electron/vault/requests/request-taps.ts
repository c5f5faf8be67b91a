/** Taps on one request, as this process takes them: each verified here again, counted by person, and on the disk before it counts. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { challengeOf, checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import { hasGoneBack } from '../../../shared/domain/sign-count.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, personActor } from '../context.ts'
import { saveWrap } from '../people/wraps.ts'
import type { RequestMeans } from './means.ts'
import { createQuorum, type Quorum } from './quorum.ts'
import { readSignCount, saveSignCount } from './sign-counts.ts'

export interface TappedRequest {
  readonly job: JobOf<'unseal' | 'approve'>
  readonly safe: Safe
  readonly requester: Person
}

export interface RequestTaps extends Pick<Quorum, 'approvals' | 'isGrantedBy'> {
  /**
   * Entry `tap.accepted`, with the new wrap in one transaction.
   * @throws HalliganError PERSON_UNKNOWN, TAP_*, MESSAGE_INVALID {what}, STORAGE_*
   */
  readonly accept: (input: Input<typeof strongroomContract, 'tapAccepted'>) => Promise<void>
  /** The requester's, and those that count. */
  readonly valid: () => Tap[]
  /** True when a wrap was replaced: the old one must be gone from the write-ahead log too. */
  readonly hasErased: () => boolean
}

/** Nobody has tapped yet. */
export function createRequestTaps(
  { context, registry }: RequestMeans,
  { job, safe, requester }: TappedRequest,
): RequestTaps {
  const { statement, operation } = job
  const challenge = challengeOf(context.primitives, 'request', statement)
  const quorum = createQuorum(safe, requester.id)
  const counters = new Map(job.signCounts.map(({ key, count }) => [key, count]))
  const valid: Tap[] = []
  let hasErased = false

  function checkTap(tap: Tap): Person {
    const person = registry.requirePerson(tap.person)
    const key = registry.keyOf(tap.person, tap.key)
    if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
    const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
    const problem = checkTapSignature(context.primitives, check)
    if (problem !== null) throw new HalliganError(problem)
    return person
  }

  /** A new wrap may only replace the one that this very tap has opened, for the same secret key. A first round opens none. */
  function checkWrap(wrap: Wrap, tap: Tap, counts: boolean): void {
    const custody = safe.custodians.find(({ person }) => person === tap.person)
    insist(job.kind === 'unseal' && counts && custody !== undefined, 'wrap-without-custody')
    insist(wrap.vault === statement.vault && wrap.safe === safe.id, 'wrap.safe')
    insist(wrap.person === tap.person && wrap.key === tap.key, 'wrap.key')
    insist(wrap.publicKey === custody.publicKey, 'wrap.publicKey')
    insist(needsPassphrase(wrap) === (safe.policy.passphrase === true), 'wrap.passphrase')
  }

  return {
    accept: async ({ tap, counts, wrap }) => {
      const person = checkTap(tap)
      const verdict = quorum.judge(tap.person)
      // Claiming less is honest: a custodian's share may be lost while their word still opens the request.
      insist(!counts || verdict.counts, 'counts')
      if (wrap !== null) checkWrap(wrap, tap, counts)
      const signCount = readSignCount(tap.assertion)
      const signCountWentBack = hasGoneBack(counters.get(tap.key) ?? 0, signCount)
      const data = { operation, request: statement.request, ...tap, counts, signCount, signCountWentBack }
      const entry: NewEntry = { type: 'tap.accepted', actor: personActor(person, true), data }
      const [written] = await context.log.append([entry], async (statements) => {
        await saveSignCount(statements, tap.key, signCount)
        if (wrap !== null) await saveWrap(statements, wrap)
      })
      counters.set(tap.key, signCount)
      hasErased ||= wrap !== null
      if (counts || tap.person === requester.id) valid.push(tap)
      quorum.add({ person: tap.person, at: written?.at ?? statement.createdAt, counts })
    },
    approvals: quorum.approvals,
    isGrantedBy: quorum.isGrantedBy,
    valid: () => [...valid],
    hasErased: () => hasErased,
  }
}

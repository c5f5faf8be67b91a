/**
 * The two rounds of a request whose safe makes it wait, as this process believes them. The vault process keeps the time; here is
 * held that a quorum approved this very request before, and that by this process's own clock it was asked for long enough ago.
 */
import { checkSecondStatement } from '../../../shared/audit/delay-rules.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { isTapOrigin, type Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { verifyAssertion } from '../tap/assertion.ts'
import { toCose } from '../tap/cose.ts'
import { findHolder } from './manifests.ts'
import type { TrustedRequest } from './request.ts'

/**
 * How long ago a first round may have been asked for when its strongroom starts (ms). Written further back, the time that people
 * approve would let a lying vault process have the second round at once.
 */
const backdatedMaxMs = 60_000

const refuse = (what: string, cause?: unknown): HalliganError => new HalliganError('MESSAGE_INVALID', { what }, cause)

/**
 * @param wallMs of this process's own clock.
 * @throws HalliganError MESSAGE_INVALID {what} when the safe makes nobody wait, or the statement is one of a second round;
 *   REQUEST_EXPIRED when it says that it was asked for longer ago than it takes to start this process.
 */
export function checkFirstRound({ statement }: JobOf<'approve'>, { policy }: Safe, wallMs: number): void {
  if (policy.delay === undefined) throw refuse('delay')
  if (statement.first !== undefined) throw refuse('statement.first')
  if (!(wallMs - Date.parse(statement.createdAt) <= backdatedMaxMs)) throw new HalliganError('REQUEST_EXPIRED')
}

/**
 * That a request of a safe with a delay was approved by a quorum before and has waited, and that no other request says so.
 * @param wallMs of this process's own clock.
 * @throws HalliganError MESSAGE_INVALID {what} when the approval is missing, of something else, or not by a quorum; REQUEST_WAITING
 *   {seconds} when it was asked for too short a time ago.
 */
export async function checkSecondRound(
  { statement, approved }: Pick<JobOf<'unseal'>, 'statement' | 'approved'>,
  trusted: TrustedRequest,
  wallMs: number,
): Promise<void> {
  const { delay } = trusted.safe.policy
  if (delay === undefined) {
    if (approved !== null || statement.first !== undefined) throw refuse('approved')
    return
  }
  if (approved === null) throw refuse('approved')
  const first = approved.statement
  const challenge = challengeOf(nodePrimitives, 'request', first)
  if (checkSecondStatement(first, challenge, statement) !== null) throw refuse('approved.statement')
  await checkApprovals(first, challenge, approved.taps, trusted)
  const missingMs = delay.seconds * 1000 - (wallMs - Date.parse(first.createdAt))
  if (!(missingMs <= 0)) throw new HalliganError('REQUEST_WAITING', { seconds: Math.ceil(missingMs / 1000) })
}

/** Distinct people, the one who asks among them, and as many whose tap counts as it takes to open. */
async function checkApprovals(
  { requester }: RequestStatement,
  challenge: Uint8Array<ArrayBuffer>,
  taps: readonly Tap[],
  { manifest, safe, custodians, threshold }: TrustedRequest,
): Promise<void> {
  const people = new Set(taps.map(({ person }) => person))
  if (people.size !== taps.length || !people.has(requester)) throw refuse('approved.people')
  let counted = 0
  for (const { person, key: credentialId, assertion } of taps) {
    const holder = findHolder(manifest, credentialId)
    if (holder?.person.id !== person) throw refuse('approved.key')
    await verifyAssertion(holder.key, toCose(holder.key.publicKey), assertion, challenge, isTapOrigin).catch(
      (error: unknown) => {
        throw refuse('approved.tap', error)
      },
    )
    const isCustodian = custodians.some(({ custodian }) => custodian === person)
    if (!isCustodian && person !== requester) throw refuse('approved.people')
    if (isCustodian && (person !== requester || safe.policy.requesterMayTap)) counted++
  }
  if (counted < threshold) throw refuse('approved.quorum')
}

/** One joint statement while its signatures come in: the vault process writes it, and checks every tap again. */
import type { NewEntry } from '../../../../shared/audit/entry.ts'
import { findKey } from '../../../../shared/audit/manifest-signers.ts'
import { challengeOf, checkTapSignature, tapSource } from '../../../../shared/audit/tap.ts'
import { toTimestamp } from '../../../../shared/clock.ts'
import type { Input } from '../../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../../shared/contracts/strongroom.ts'
import type { Manifest } from '../../../../shared/domain/manifest.ts'
import type { JointDetail, JointStatement } from '../../../../shared/domain/statements.ts'
import type { Tap } from '../../../../shared/domain/tap.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import { newId, newNonce, personActor, type VaultContext } from '../../context.ts'

/** A statement of this log's head; to be appended at once. @param manifest hash of the one in force */
export function writeJointStatement(context: VaultContext, manifest: string, detail: JointDetail): JointStatement {
  const { genesis } = context.log
  return {
    format: 'halligan/joint/v1',
    vault: genesis.vault,
    act: newId(context),
    manifest,
    detail,
    createdAt: toTimestamp(context.clock.wall()),
    station: genesis.station,
    head: context.log.head(),
    nonce: newNonce(context),
  }
}

/** @throws HalliganError TAP_KEY_UNKNOWN, or why the tap is not valid */
export function checkJointTap(context: VaultContext, manifest: Manifest, statement: JointStatement, tap: Tap): void {
  const key = findKey(manifest, tap.person, tap.key)
  if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
  const challenge = challengeOf(context.primitives, 'joint', statement)
  const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
  const problem = checkTapSignature(context.primitives, check)
  if (problem !== null) throw new HalliganError(problem)
}

/** Entry `joint.signed`. */
export const describeJointTap = (
  act: string,
  person: { readonly id: string; readonly name: string },
  { tap, signCount, signCountWentBack }: Input<typeof strongroomContract, 'jointSigned'>,
): NewEntry => ({
  type: 'joint.signed',
  actor: personActor(person, true),
  data: { act, ...tap, signCount, signCountWentBack },
})

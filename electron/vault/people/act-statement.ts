/** What one person signs alone, as this process writes it, and the tap on it as this process checks it. */
import { challengeOf, checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { newId, newNonce, type VaultContext } from '../context.ts'
import type { Registry } from './registry.ts'

/** A statement of this person, about the log as it is now. */
export function writeActStatement(
  context: VaultContext,
  about: Pick<ActStatement, 'person' | 'manifest' | 'detail'>,
): ActStatement {
  const { genesis } = context.log
  return {
    format: 'halligan/act/v1',
    ...about,
    vault: genesis.vault,
    act: newId(context),
    createdAt: toTimestamp(context.clock.wall()),
    station: genesis.station,
    head: context.log.head(),
    nonce: newNonce(context),
  }
}

/**
 * Checks that this is a tap on `statement` by its person and, where it names a key of theirs, with that one.
 * @throws HalliganError TAP_NOT_THIS_PERSON, TAP_KEY_UNKNOWN, or why the tap is not valid
 */
export function checkActTap(
  { primitives }: VaultContext,
  registry: Registry,
  statement: ActStatement,
  { person, key: tapped, assertion }: Tap,
): void {
  if (person !== statement.person) throw new HalliganError('TAP_NOT_THIS_PERSON')
  const key = registry.keyOf(person, tapped)
  const { detail } = statement
  if (key === undefined || ('key' in detail && detail.key !== tapped)) throw new HalliganError('TAP_KEY_UNKNOWN')
  const challenge = challengeOf(primitives, 'act', statement)
  const problem = checkTapSignature(primitives, { assertion, publicKey: key.publicKey, challenge, ...tapSource })
  if (problem !== null) throw new HalliganError(problem)
}

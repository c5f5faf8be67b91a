/** What one person does with one security key of theirs: a drill of it, a new passphrase (docs/format.md, section 5). */
import { custodiesOf } from '../domain/custody.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { ActStatement } from '../domain/statements.ts'

/**
 * Whether the statement is of this kind, about the very key that tapped, and about the right safes.
 * @param key credential id of the tap's key.
 * @returns null, or what is wrong, as the end of a sentence about the statement.
 */
export function checkKeyAct(
  manifest: Manifest,
  { detail, person }: ActStatement,
  key: string,
  kind: 'key-drill' | 'passphrase',
): string | null {
  if (detail.kind !== kind) return 'is about something else'
  if (detail.key !== key) return 'names another key than the one that tapped'
  const own = custodiesOf(manifest, person).filter(({ passphrase }) => kind === 'key-drill' || passphrase)
  if (kind === 'passphrase' && own.length === 0) return 'is of somebody of whom no safe asks for a passphrase'
  // A drill that leaves out a safe would prove less than it says; a change that does would leave the old passphrase in force.
  const fits = detail.safes.join() === own.map(({ safe }) => safe).join()
  return fits ? null : 'names other safes than those of this person'
}

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
  const own = custodiesOf(manifest, person).map(({ safe }) => safe)
  const { safes } = detail
  // A drill that leaves out a safe would prove less than it says.
  const fits = kind === 'key-drill' ? safes.join() === own.join() : safes.every((id) => own.includes(id))
  if (!fits) return 'names other safes than those of this person'
  return new Set(safes).size === safes.length ? null : 'names a safe twice'
}

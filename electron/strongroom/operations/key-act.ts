/** What one person does with one security key of theirs (a drill, a new passphrase), as this process believes it. */
import { checkKeyAct } from '../../../shared/audit/key-acts.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import type { Manifest, Person, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { findPerson, type TrustedManifests } from '../trust/manifests.ts'

export interface TrustedKeyAct {
  readonly manifest: Manifest
  readonly person: Person
  readonly key: SecurityKey
  /** What the key must open, in the order of the manifest's safes. */
  readonly tasks: readonly { readonly custody: Custody; readonly wrap: Wrap }[]
}

/**
 * Holds statement and wraps against the manifest.
 * @throws HalliganError MANIFEST_INVALID {detail}, MESSAGE_INVALID, PERSON_UNKNOWN, KEY_UNKNOWN; TAP_WRAP_DAMAGED {custodian}
 *   when a wrap is missing, or is with a passphrase where its safe asks for none, or without where it does: no touch can help.
 */
export function trustKeyAct(
  { kind, vault, statement, wraps }: JobOf<'key-drill' | 'passphrase'>,
  { current: manifest, hash }: TrustedManifests,
): TrustedKeyAct {
  const { detail } = statement
  if (detail.kind !== kind) throw new HalliganError('MESSAGE_INVALID', { kind: detail.kind })
  if (statement.manifest !== hash || statement.vault !== vault) {
    throw new HalliganError('MANIFEST_INVALID', { detail: 'statement names another' })
  }
  const person = findPerson(manifest, statement.person)
  const key = person.keys.find(({ credentialId }) => credentialId === detail.key)
  if (key === undefined) throw new HalliganError('KEY_UNKNOWN')
  // All of them: a drill that leaves out the wrap that fails would prove nothing, and a wrap that keeps its old passphrase
  // would be known to nobody.
  const problem = checkKeyAct(manifest, statement, detail.key, kind)
  if (problem !== null) throw new HalliganError('MANIFEST_INVALID', { detail: `statement ${problem}` })
  const { safes } = detail
  const tasks = custodiesOf(manifest, person.id)
    .filter(({ safe }) => safes.includes(safe))
    .map((custody) => {
      const wrap = wraps.find(
        (one) =>
          one.vault === vault && one.safe === custody.safe && one.person === person.id && one.key === key.credentialId,
      )
      if (wrap?.publicKey !== custody.publicKey || needsPassphrase(wrap) !== custody.passphrase) {
        throw new HalliganError('TAP_WRAP_DAMAGED', { custodian: person.id })
      }
      return { custody, wrap }
    })
  return { manifest, person, key, tasks }
}

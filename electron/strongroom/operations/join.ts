/** Security keys that somebody has already and that shall open a further safe. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Person, SecurityKey } from '../../../shared/domain/manifest.ts'
import { sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { TrustedManifests } from '../trust/manifests.ts'

/**
 * The keys that a job says somebody joins with, when they are exactly those that the manifest lists for them.
 * @throws HalliganError MANIFEST_INVALID {detail}.
 */
export function trustJoiningKeys(
  { current }: TrustedManifests,
  { person, inForce, labels }: JobOf<'enrol'>,
): readonly SecurityKey[] {
  const claimed = inForce?.keys ?? []
  const known: Person | undefined = current.persons.find(({ id }) => id === person.id)
  const same = sameBytes(canonicalBytes(claimed), canonicalBytes(known?.keys ?? []))
  // Without any, new ones are enrolled: only for whom the manifest lists none.
  if (!same) throw new HalliganError('MANIFEST_INVALID', { detail: `it lists other keys of ${person.name}` })
  if (claimed.length > 0 && labels.length !== claimed.length)
    throw new HalliganError('MESSAGE_INVALID', { what: 'labels' })
  return claimed
}

/** What is due in the open vault. */
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import type { RequestMeans } from '../requests/means.ts'
import { describeDrills, describeRotation, describeUnclassified, listDue, type DueFact } from './due.ts'

/** @param more what others know to be due (alert channels). */
export function listVaultDue(
  { context, registry, catalogue, history }: RequestMeans,
  more: readonly DueFact[] = [],
): Due[] {
  if (registry.inForce() === null) return []
  const manifests = registry.chain().map(({ manifest }) => manifest)
  const uses = history.owed().filter(({ classify }) => classify)
  const facts = [
    ...catalogue.rotations().map(describeRotation),
    ...describeDrills(manifests, history.proofs),
    ...uses.map(({ request, credentialName, grantedAt }) =>
      describeUnclassified({ request, name: credentialName, grantedAt }),
    ),
    ...more,
  ]
  return listDue(facts, context.clock.wall())
}

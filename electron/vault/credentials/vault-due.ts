/** What is due in the open vault. */
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import type { RequestMeans } from '../requests/means.ts'
import { describeDrills, describeRotation, describeUnclassified, listDue, listOverdue, type DueFact } from './due.ts'

function collectFacts({ registry, catalogue, history }: RequestMeans, more: readonly DueFact[]): DueFact[] {
  const manifests = registry.chain().map(({ manifest }) => manifest)
  const uses = history.owed().filter(({ classify }) => classify)
  return [
    ...catalogue.rotations().map(describeRotation),
    ...describeDrills(manifests, history.proofs),
    ...uses.map(({ request, credentialName, grantedAt }) =>
      describeUnclassified({ request, name: credentialName, grantedAt }),
    ),
    ...more,
  ]
}

/** @param more what others know to be due (alert channels). */
export const listVaultDue = (means: RequestMeans, more: readonly DueFact[] = []): Due[] =>
  means.registry.inForce() === null ? [] : listDue(collectFacts(means, more), means.context.clock.wall())

/** Of the same, what is overdue; most urgent first. Nothing before a manifest is in force. */
export const listVaultOverdue = (means: RequestMeans, more: readonly DueFact[] = []): DueFact[] =>
  means.registry.inForce() === null ? [] : listOverdue(collectFacts(means, more), means.context.clock.wall())

/** Channels that must prove themselves, and when. Pure. */
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { DueFact } from '../credentials/due.ts'
import type { OpenVault } from '../open-vault.ts'
import type { Alerts } from './alerts.ts'
import { proofMs } from './proofs.ts'

/** @param sinceMs since when the settings are in force that hold a channel which never took an alert */
const describeChannels = (channels: readonly ChannelView[], sinceMs: number): DueFact[] =>
  channels.map(({ id, name, lastProvenAt }) =>
    lastProvenAt === null
      ? { kind: 'channel', id, name, why: 'never', dueMs: sinceMs }
      : { kind: 'channel', id, name, why: 'interval', dueMs: Date.parse(lastProvenAt) + proofMs },
  )

/** When each channel of the open vault must prove itself. */
export function describeVaultChannels(
  { context, registry }: Pick<OpenVault, 'context' | 'registry'>,
  alerts: Pick<Alerts, 'view'>,
): DueFact[] {
  const since = registry.inForce()?.manifest.createdAt ?? context.log.genesis.createdAt
  return describeChannels(alerts.view().channels, Date.parse(since))
}

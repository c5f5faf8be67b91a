/** Channels that must prove themselves, and when. Pure. */
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { DueFact } from '../credentials/due.ts'
import { proofMs } from './proofs.ts'

/** @param sinceMs since when the settings are in force that hold a channel which never took an alert */
export const describeChannels = (channels: readonly ChannelView[], sinceMs: number): DueFact[] =>
  channels.map(({ id, name, lastProvenAt }) =>
    lastProvenAt === null
      ? { kind: 'channel', id, name, why: 'never', dueMs: sinceMs }
      : { kind: 'channel', id, name, why: 'interval', dueMs: Date.parse(lastProvenAt) + proofMs },
  )

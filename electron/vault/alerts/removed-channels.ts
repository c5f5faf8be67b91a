/** Channels that the manifest in force does not list any more, and that something waits for: they hear that they were taken out. */
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { ChannelSettings } from '../../../shared/domain/alert.ts'

/** Of `waiting` ids those that are not in `inForce`, each with the newest settings that it had. */
export function findRemoved(
  chain: readonly SignedManifest[],
  inForce: readonly ChannelSettings[],
  waiting: readonly string[],
): ChannelSettings[] {
  const newestFirst = chain.toReversed()
  return waiting
    .filter((id) => !inForce.some((channel) => channel.id === id))
    .flatMap((id) => {
      for (const { manifest } of newestFirst) {
        const found = manifest.alerts?.channels.find((channel) => channel.id === id)
        if (found !== undefined) return [found]
      }
      return []
    })
}

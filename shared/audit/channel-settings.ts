/** What binds an alert channel's secret to its settings. */
import { toBase64Url } from '../bytes.ts'
import { canonicalMessage } from '../canonical.ts'
import type { ChannelSettings } from '../domain/alert.ts'
import type { Primitives } from '../primitives.ts'

/** Of everything but the name: a secret set for these settings is not used with others. base64url. */
export function channelHash({ sha256 }: Pick<Primitives, 'sha256'>, settings: ChannelSettings): string {
  const { name: _, ...rest } = settings
  return toBase64Url(sha256(canonicalMessage('channel-settings', rest)))
}

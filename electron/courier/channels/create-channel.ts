/** One implementation per kind of channel that is on the network. */
import type { ChannelSecret, ChannelSettings } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Channel } from './channel.ts'
import { createPagerDutyChannel } from './pagerduty.ts'
import { createSmtpChannel } from './smtp.ts'
import { createSyslogChannel } from './syslog.ts'
import { createWebhookChannel } from './webhook.ts'

export type CreateChannel = (settings: ChannelSettings, secret: ChannelSecret) => Channel

/** @throws HalliganError CHANNEL_UNKNOWN for `desktop`, which main shows */
export const createChannel: CreateChannel = (settings, secret) => {
  switch (settings.kind) {
    case 'webhook':
      return createWebhookChannel(settings, secret)
    case 'pagerduty':
      return createPagerDutyChannel(settings, secret)
    case 'smtp':
      return createSmtpChannel(settings, secret)
    case 'syslog':
      return createSyslogChannel(settings, secret)
    case 'desktop':
      throw new HalliganError('CHANNEL_UNKNOWN')
  }
}

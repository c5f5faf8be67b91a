/** Alerts to an address: our own JSON, or what Slack, Teams and Google Chat take. */
import type { AlertMessage, ChannelOf, ChannelSecret } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { alertTimings, type Channel, type ChannelFactory } from './channel.ts'
import { createPoster } from './poster.ts'
import { readReceipt } from './receipt.ts'
import { addGoogleChatOptions, makeGoogleChatBody } from './shapes/google-chat.ts'
import { makeSlackBody } from './shapes/slack.ts'
import { makeTeamsBody } from './shapes/teams.ts'
import { fitInto } from './text.ts'

/** Our own: the message as it is, for JSON needs no other escaping. Folded by `key`. */
const makeGenericBody = (message: AlertMessage): object => ({ format: 'halligan/alert/v1', ...message })

/** Bytes that a receiver takes. Teams: 28 KB; Google Chat: 32,000 bytes; Slack says nothing, ours is as large as a message gets. */
const shapes = {
  generic: { limit: 1_048_576, make: makeGenericBody },
  slack: { limit: 131_072, make: makeSlackBody },
  teams: { limit: 26_000, make: makeTeamsBody },
  'google-chat': { limit: 30_000, make: makeGoogleChatBody },
} as const

function chooseAddress({ url, auth }: ChannelOf<'webhook'>, secret: ChannelSecret): URL {
  if (auth !== 'url') return new URL(url)
  if (secret.url === undefined) throw new HalliganError('CHANNEL_LOGIN', { reason: 'not-set' })
  return new URL(secret.url)
}

function makeHeaders({ auth }: ChannelOf<'webhook'>, { token }: ChannelSecret): Record<string, string> {
  if (auth !== 'token') return {}
  if (token === undefined) throw new HalliganError('CHANNEL_LOGIN', { reason: 'not-set' })
  return { authorization: `Bearer ${token}` }
}

/** Receipt: the member `receipt` of a generic receiver's JSON answer, the message's `name` of Google Chat's; the others give none. */
export const createWebhookChannel: ChannelFactory<'webhook'> = (settings, secret, timings = alertTimings): Channel => {
  const { shape } = settings
  const poster = createPoster(settings, timings)
  return {
    send: async (message) => {
      const { limit, make } = shapes[shape]
      const address = chooseAddress(settings, secret)
      const url = shape === 'google-chat' ? addGoogleChatOptions(address, message) : address
      const body = fitInto(limit, (max) => JSON.stringify(make(message, max)))
      const { body: answer } = await poster.post(url, body, makeHeaders(settings, secret))
      if (shape === 'generic') return readReceipt(answer, 'receipt', secret)
      return shape === 'google-chat' ? readReceipt(answer, 'name', secret) : null
    },
    close: poster.close,
  }
}

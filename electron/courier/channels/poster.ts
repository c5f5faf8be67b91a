/** Posting JSON to a channel's address, over one connection that is kept. */
import type { ChannelOf } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { createExchange, type Answer, type Exchange } from '../https/exchange.ts'
import type { Peer } from '../tls/failures.ts'
import { makeTlsOptions } from '../tls/options.ts'
import type { SinkTimings } from '../tls/timings.ts'
import { asChannelFailure, describeRefusal } from './failures.ts'

export interface Poster {
  /** Resolves to a 2xx answer. @throws HalliganError CHANNEL_* */
  readonly post: (url: URL, body: Uint8Array, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  readonly close: () => void
}

/** To the server that `settings.url` names: every address that is posted to must be on it. */
export function createPoster(settings: ChannelOf<'webhook' | 'pagerduty'>, timings: SinkTimings): Poster {
  const { hostname, port, origin } = new URL(settings.url)
  // A URL writes an IPv6 address in brackets, a socket does not.
  const peer: Peer = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) }
  let exchange: Exchange | null = null
  let isClosed = false
  return {
    post: async (url, body, headers = {}) => {
      if (isClosed) throw new HalliganError('CHANNEL_UNREACHABLE', { ...peer, reason: 'closed' })
      // The quorum signed where alerts may go; a secret set on one station must not lead elsewhere.
      if (url.origin !== origin) throw new HalliganError('CHANNEL_LOGIN', { ...peer, reason: 'origin' })
      const common = {
        'user-agent': 'halligan',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'content-type': 'application/json; charset=utf-8',
      }
      let answer: Answer
      try {
        exchange ??= createExchange(peer, makeTlsOptions(settings, {}, peer), timings)
        answer = await exchange.ask({ method: 'POST', url, headers: { ...common, ...headers }, body })
      } catch (error) {
        throw asChannelFailure(error)
      }
      if (answer.status < 200 || answer.status > 299) throw describeRefusal(answer, peer)
      return answer
    },
    close: () => {
      isClosed = true
      exchange?.close()
    },
  }
}

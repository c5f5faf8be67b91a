/** The HTTPS sink (docs/sinks/https.md): what its statuses mean, and who we say we are. */
import { z } from 'zod'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { countSchema, hashSchema } from '../../../shared/domain/forms.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import { describeHead, type LogName, type Sink, type SinkBatch, type SinkHead } from '../sink.ts'
import type { Peer } from '../tls/failures.ts'
import { makeTlsOptions } from '../tls/options.ts'
import { usualTimings, type SinkTimings } from '../tls/timings.ts'
import { makeCloudEvents, makeSplunkEvents } from './body.ts'
import { createExchange, type Answer, type Exchange } from './exchange.ts'

/** A receiver may say more about itself. */
const headSchema = z.object({ size: countSchema, lastHash: hashSchema.nullable() })

const meanings: Readonly<Record<number, ErrorCode>> = {
  401: 'SINK_LOGIN',
  403: 'SINK_LOGIN',
  404: 'SINK_SCHEMA_MISSING',
  405: 'SINK_SCHEMA_MISSING',
  408: 'SINK_UNREACHABLE',
  409: 'SINK_DIVERGED',
  410: 'SINK_SCHEMA_MISSING',
  429: 'SINK_UNREACHABLE',
  501: 'SINK_SCHEMA_MISSING',
  502: 'SINK_UNREACHABLE',
  503: 'SINK_UNREACHABLE',
  504: 'SINK_UNREACHABLE',
  507: 'SINK_FULL',
}

const cannotAnswer: ReadonlySet<number> = new Set([404, 405, 501])

function readHead(body: Uint8Array): SinkHead | null {
  try {
    const { size, lastHash } = headSchema.parse(JSON.parse(fromUtf8(body)))
    return (size === 0) === (lastHash === null) ? { size, lastHash } : null
  } catch {
    return null
  }
}

/** Numbers and our own words only: what a server wrote goes nowhere. */
function describeStatus({ status, body, retryAfterMs }: Answer, peer: Peer): HalliganError {
  const head = status === 409 ? readHead(body) : null
  return new HalliganError(meanings[status] ?? 'SINK_FAILED', {
    ...peer,
    status,
    ...(status >= 300 && status < 400 ? { reason: 'redirect' } : {}),
    ...(head === null ? {} : describeHead(head)),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}

/** A `SinkFactory` for `https`. */
export function createHttpsSink(
  settings: SinkOf<'https'>,
  secret: SinkSecret,
  timings: SinkTimings = usualTimings,
): Sink {
  const url = new URL(settings.url)
  const peer: Peer = { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 443 : Number(url.port) }
  const isSplunk = settings.mode === 'splunk-hec'
  let exchange: Exchange | null = null
  let isClosed = false

  const reach = (): Exchange => {
    if (isClosed) throw new HalliganError('SINK_UNREACHABLE', { ...peer, reason: 'closed' })
    if (settings.auth === 'client-certificate' && settings.clientCertificate === undefined) {
      throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'client-certificate' })
    }
    exchange ??= createExchange(peer, makeTlsOptions(settings, secret, peer), timings)
    return exchange
  }
  const makeHeaders = (): Record<string, string> => {
    const common = { 'user-agent': 'halligan', accept: 'application/json', 'accept-encoding': 'identity' }
    if (settings.auth !== 'token') return common
    if (secret.token === undefined) throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'token' })
    return { ...common, authorization: `${isSplunk ? 'Splunk' : 'Bearer'} ${secret.token}` }
  }

  return {
    head: async ({ vault, station }: LogName) => {
      if (isSplunk) return null
      const asked = new URL(url)
      asked.searchParams.set('vault', vault)
      asked.searchParams.set('station', station)
      const answer = await reach().ask({ method: 'GET', url: asked, headers: makeHeaders() })
      if (cannotAnswer.has(answer.status)) return null
      if (answer.status !== 200) throw describeStatus(answer, peer)
      const head = readHead(answer.body)
      if (head === null) throw new HalliganError('SINK_FAILED', { ...peer, reason: 'answer' })
      return head
    },
    deliver: async (batch: SinkBatch) => {
      const headers = {
        ...makeHeaders(),
        'content-type': isSplunk ? 'application/json' : 'application/cloudevents-batch+json; charset=utf-8',
      }
      const body = isSplunk ? makeSplunkEvents(batch) : makeCloudEvents(batch)
      const answer = await reach().ask({ method: 'POST', url, headers, body })
      if (answer.status < 200 || answer.status > 299) throw describeStatus(answer, peer)
    },
    close: () => {
      isClosed = true
      exchange?.close()
      return Promise.resolve()
    },
  }
}

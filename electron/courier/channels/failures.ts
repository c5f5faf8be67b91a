/** What a channel's failure means, in codes. */
import { asHalliganError, HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { Answer } from '../https/exchange.ts'
import { describeConnectionFailure, type Peer } from '../tls/failures.ts'

/** Channels connect as sinks do (courier/tls, courier/https), whose failures bear a sink's name. */
const codesOfSinks: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  SINK_UNREACHABLE: 'CHANNEL_UNREACHABLE',
  SINK_CERTIFICATE: 'CHANNEL_CERTIFICATE',
  SINK_LOGIN: 'CHANNEL_LOGIN',
}

/** `error` as one of a channel; what is not ours may quote the other side and stays here. */
export function asChannelFailure(error: unknown): HalliganError {
  const { code, detail } = asHalliganError(error)
  return new HalliganError(
    code.startsWith('CHANNEL_') ? code : (codesOfSinks[code] ?? 'CHANNEL_FAILED'),
    code === 'INTERNAL' ? {} : detail,
    error,
  )
}

/** A failed connection to `peer`. */
export const describeChannelFailure = (error: unknown, peer: Peer): HalliganError =>
  asChannelFailure(describeConnectionFailure(error, peer))

function meaningOf(status: number): ErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'CHANNEL_LOGIN'
    case 429:
    case 503:
      return 'CHANNEL_BUSY'
    case 408:
    case 425:
    case 502:
    case 504:
      return 'CHANNEL_UNREACHABLE'
    default:
      return status >= 400 && status < 500 ? 'CHANNEL_REFUSED' : 'CHANNEL_FAILED'
  }
}

/** An HTTP answer that is not 2xx. Numbers and our own words only: what a server wrote goes nowhere. */
export const describeRefusal = ({ status, retryAfterMs }: Answer, peer: Peer): HalliganError =>
  new HalliganError(meaningOf(status), {
    ...peer,
    status,
    // Whoever can answer for the server must not be able to lead an alert, and its token, elsewhere.
    ...(status >= 300 && status < 400 ? { reason: 'redirect' } : {}),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })

/** Alerts by mail: SMTP with TLS from the first byte, or STARTTLS that is required. Never plain. */
import { createTransport } from 'nodemailer'
import type { ChannelOf, ChannelSecret } from '../../../shared/domain/alert.ts'
import { writeMailReceipt } from '../../../shared/domain/mail-receipt.ts'
import { HalliganError, type ErrorDetail } from '../../../shared/errors.ts'
import type { Peer } from '../tls/failures.ts'
import { makeTlsOptions } from '../tls/options.ts'
import type { SinkTimings } from '../tls/timings.ts'
import { alertTimings, type Channel, type ChannelFactory } from './channel.ts'
import { asChannelFailure, describeChannelFailure } from './failures.ts'
import { makeMail } from './mail.ts'
import { makeReceipt } from './receipt.ts'

function makeTransport(settings: ChannelOf<'smtp'>, secret: ChannelSecret, peer: Peer, timings: SinkTimings) {
  const { security, user } = settings
  return createTransport({
    ...peer,
    secure: security === 'implicit',
    requireTLS: security === 'starttls',
    tls: { ...makeTlsOptions(settings, {}, peer) },
    // The machine's own name is nobody's business (RFC 5321 section 4.1.3 allows an address literal).
    name: '[127.0.0.1]',
    // A server that does not ask for a login gets none of our mail without one, if the settings have one.
    ...(user === null ? {} : { auth: { user, pass: secret.password ?? '' }, forceAuth: true }),
    connectionTimeout: timings.connectMs,
    dnsTimeout: timings.connectMs,
    greetingTimeout: timings.answerMs,
    socketTimeout: timings.answerMs,
    // Nobody waits for its goodbye.
    socketCloseTimeout: 1000,
    maxResponseSize: 65_536,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/** What nodemailer says of a failure, as far as it quotes nobody. */
interface MailFailure {
  readonly code: string
  /** Of the connection below, where that failed. */
  readonly originalCode: string
  readonly status: number | null
}

function readFailure(error: unknown): MailFailure {
  const { code, originalCode, responseCode } = (error instanceof Error ? error : {}) as Readonly<
    Record<string, unknown>
  >
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    code: text(code),
    originalCode: text(originalCode),
    status: typeof responseCode === 'number' ? responseCode : null,
  }
}

const loginRefused: ReadonlySet<number> = new Set([530, 534, 535, 538])

/** Reply codes: RFC 5321 section 4.2, RFC 4954 section 6. */
function describeMailFailure(error: unknown, peer: Peer): HalliganError {
  if (error instanceof HalliganError) return asChannelFailure(error)
  const { code, originalCode, status } = readFailure(error)
  const detail: ErrorDetail = { ...peer, ...(status === null ? {} : { status }) }
  // The server would go on without TLS; we do not.
  if (code === 'ETLS' && originalCode === '')
    return new HalliganError('CHANNEL_FAILED', { ...detail, reason: 'starttls' })
  if (status !== null && status >= 400 && status < 500) return new HalliganError('CHANNEL_BUSY', detail)
  if (code === 'EAUTH' || code === 'ENOAUTH' || (status !== null && loginRefused.has(status)))
    return new HalliganError('CHANNEL_LOGIN', detail)
  if (status !== null && status >= 500) return new HalliganError('CHANNEL_REFUSED', detail)
  if (code === 'EPROTOCOL') return new HalliganError('CHANNEL_FAILED', { ...peer, reason: 'answer' })
  // Without the cause: it holds what was said on the line.
  const connection = Object.assign(new Error('connection'), { code: originalCode === '' ? code : originalCode })
  return describeChannelFailure(connection, peer)
}

/** Those of `to` whom the server did not take the mail for. */
function listRefused(to: readonly string[], accepted: readonly (string | { readonly address: string })[]): string[] {
  const taken = new Set(accepted.map((one) => (typeof one === 'string' ? one : one.address)))
  return to.filter((address) => !taken.has(address))
}

/**
 * Taken when the server took it for at least one recipient. Receipt: whom it refused, if anybody, and what it answered to the
 * message, which usually names its place in the queue.
 */
export const createSmtpChannel: ChannelFactory<'smtp'> = (settings, secret, timings = alertTimings): Channel => {
  const peer: Peer = { host: settings.host, port: settings.port }
  const ending = new AbortController()
  return {
    send: async (message) => {
      const closed = (): HalliganError => new HalliganError('CHANNEL_UNREACHABLE', { ...peer, reason: 'closed' })
      if (ending.signal.aborted) throw closed()
      if (settings.user !== null && secret.password === undefined)
        throw new HalliganError('CHANNEL_LOGIN', { ...peer, reason: 'not-set' })
      try {
        const transport = makeTransport(settings, secret, peer, timings)
        const info = await transport.sendMail({ ...makeMail(settings, message), signal: ending.signal })
        // One address that is wrong must not keep the others from hearing of it; that all are refused is an error below.
        return writeMailReceipt(listRefused(settings.to, info.accepted), makeReceipt(info.response, secret))
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have been closed meanwhile
        if (ending.signal.aborted) throw closed()
        throw describeMailFailure(error, peer)
      }
    },
    close: () => {
      ending.abort()
    },
  }
}

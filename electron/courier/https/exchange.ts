/** One request and its answer: no redirect followed, no proxy asked, the answer's size and time bounded. */
import https from 'node:https'
import { HalliganError } from '../../../shared/errors.ts'
import { describeConnectionFailure, readCode, type Peer } from '../tls/failures.ts'
import { serverNameOf, type TlsOptions } from '../tls/options.ts'
import { openPassage, type Passage } from '../tls/passage.ts'
import { settleLine } from '../tls/settle.ts'
import type { SinkTimings } from '../tls/timings.ts'

/** Nobody who follows the contract answers with more. */
const answerBytesMax = 65_536
/** Longer than this is no "later" but a mistake, or somebody's way to keep us silent. */
const retryAfterMaxMs = 3_600_000

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface Answer {
  readonly status: number
  readonly body: Uint8Array
  /** Milliseconds that the server asks us to wait, null when it does not. */
  readonly retryAfterMs: number | null
}

export interface Exchange {
  /** @throws HalliganError of a sink, for everything but an answer */
  readonly ask: (question: Question) => Promise<Answer>
  /** Cuts what is under way: it rejects with SINK_UNREACHABLE. */
  readonly close: () => void
}

/** Retry-After (RFC 9110 section 10.2.3); a date is held against the answer's own Date, not against our clock. */
function readRetryAfter(retryAfter: string | undefined, date: string | undefined): number | null {
  if (retryAfter === undefined) return null
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.parse(date ?? '')
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), retryAfterMaxMs) : null
}

/** How long a connection on which nothing is said is watched for a refusal. */
const refusalMs = 300

/** Requests to `peer` over one connection of `options`, kept between them. */
export function createExchange(peer: Peer, options: TlsOptions, timings: SinkTimings): Exchange {
  // An agent of our own: the global one may have been told of a proxy by the environment.
  const agent = new https.Agent({ ...options, ...serverNameOf(peer.host), keepAlive: true, maxSockets: 1 })
  const open = new Set<(error: HalliganError) => void>()
  const unreachable = (reason: string): HalliganError => new HalliganError('SINK_UNREACHABLE', { ...peer, reason })

  function askOnce({ method, url, headers, body }: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // Written out rather than the URL handed over: a name and password in it would be sent along.
      const target = { ...peer, method, agent, path: `${url.pathname}${url.search}` }
      const length = body === undefined ? {} : { 'content-length': String(body.length) }
      const request = https.request({ ...target, headers: { ...headers, ...length } })
      const cut = (error: HalliganError): void => {
        request.destroy(error)
      }
      const timer = setTimeout(() => cut(unreachable('no-answer')), timings.answerMs)
      const connecting = setTimeout(() => cut(unreachable('no-connection')), timings.connectMs)
      open.add(cut)
      request.once('close', () => {
        clearTimeout(timer)
        clearTimeout(connecting)
        open.delete(cut)
        // Nobody else may have had anything to say.
        reject(unreachable('closed'))
      })
      request.on('socket', (socket) => {
        const isReady = (): void => clearTimeout(connecting)
        if (request.reusedSocket) isReady()
        else socket.once('secureConnect', isReady)
      })
      request.once('error', (error) => {
        reject(request.reusedSocket ? new StaleConnection(error) : error)
      })
      request.once('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > answerBytesMax) cut(new HalliganError('SINK_FAILED', { ...peer, reason: 'answer-too-long' }))
          else chunks.push(chunk)
        })
        response.once('error', reject)
        // An answer that breaks off has no end: the request's own end rejects it.
        response.once('end', () => {
          if (!response.complete) return
          const retryAfterMs = readRetryAfter(response.headers['retry-after'], response.headers.date)
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), retryAfterMs })
        })
      })
      request.end(body)
    })
  }

  function openLine(): Passage {
    const line = openPassage(peer, options, timings)
    open.add(line.cut)
    void line.over.then(() => open.delete(line.cut))
    return line
  }

  /** A server that refuses our certificate hangs up, and whoever is sending at that moment feels only that. */
  async function explainReset(error: unknown): Promise<unknown> {
    if (!['ECONNRESET', 'EPIPE'].includes(readCode(error))) return error
    try {
      await settleLine(openLine, peer, refusalMs, ({ cut, over }) => {
        cut(unreachable('closed'))
        return over
      })
      return error
    } catch (refusal) {
      return describeConnectionFailure(refusal, peer).code === 'SINK_UNREACHABLE' ? error : refusal
    }
  }

  return {
    ask: async (question) => {
      try {
        return await askOnce(question).catch((error: unknown) => {
          // The server may have ended a kept connection at this very moment; everything we send may be sent twice.
          if (error instanceof StaleConnection && readCode(error.cause) === 'ECONNRESET') return askOnce(question)
          throw error
        })
      } catch (error) {
        const cause = error instanceof StaleConnection ? error.cause : error
        throw describeConnectionFailure(await explainReset(cause), peer)
      }
    },
    close: () => {
      for (const cut of open) cut(unreachable('closed'))
      agent.destroy()
    },
  }
}

/** A failure on a connection that had been used before. */
class StaleConnection extends Error {
  constructor(cause: Error) {
    super('stale', { cause })
  }
}

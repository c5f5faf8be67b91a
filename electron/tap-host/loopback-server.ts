/**
 * The loopback server: one page, served once, to one browser. Whatever is not literally what that page asks for is refused and
 * told (docs/tap-in-browser.md).
 */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { toBase64Url } from '../../shared/bytes.ts'
import type { HostFrame } from '../../shared/contracts/tap-loopback.ts'
import type { TapPageRefusal } from '../../shared/domain/tap-place.ts'
import { rpId } from '../../shared/domain/tap.ts'
import { randomBytes } from '../platform/sodium.ts'
import { judgeRequest, type Door, type Route } from './admission.ts'
import { readMessage } from './body.ts'
import { createConnections } from './connections.ts'
import { listenOnLoopback } from './listen.ts'
import { loopbackHeaders, type PageAnswer, type PageFiles } from './page-files.ts'
import { openPageStream, type PageStream } from './page-stream.ts'

/** How long a request's head and its body may take (ms). */
const limits = { headMs: 2_000, bodyMs: 5_000, wholeMs: 10_000, lookEveryMs: 500, headBytes: 8 * 1024 } as const

const statusOf: Readonly<Partial<Record<TapPageRefusal, number>>> = {
  'body-too-large': 413,
  'body-too-slow': 408,
  'body-malformed': 400,
}

/** What the server tells. */
export interface LoopbackListener {
  /** The page is there and listens. */
  readonly come: () => void
  /** A message from the page, as it came: only its size and that it is JSON were looked at. */
  readonly message: (message: unknown) => void
  /** The page's stream broke off. `leaving`: the page had said that its window is being closed. */
  readonly lost: (leaving: boolean) => void
  readonly refused: (code: TapPageRefusal) => void
}

export interface LoopbackServer {
  /** `http://halligan.localhost:PORT` */
  readonly origin: string
  /** The page's address, token included: to be shown to nobody but the browser. */
  readonly address: string
  /** False when the page is not there (any more) or the line was cut. */
  readonly send: (frame: HostFrame) => boolean
  /** Tells the page that all is done; lets nobody in any more. */
  readonly finish: () => void
  readonly close: () => void
}

const options: ServerOptions = {
  headersTimeout: limits.headMs,
  requestTimeout: limits.wholeMs,
  connectionsCheckingInterval: limits.lookEveryMs,
  // Only our page's connections are kept; a new one would have to compete with strangers.
  keepAliveTimeout: 0,
  maxHeaderSize: limits.headBytes,
  insecureHTTPParser: false,
}

/** Starts to listen on 127.0.0.1 and ::1. libsodium must be loaded. */
export async function startLoopbackServer(files: PageFiles, listener: LoopbackListener): Promise<LoopbackServer> {
  const connections = createConnections(() => listener.refused('too-many-connections'))
  const newSecret = (): string => toBase64Url(randomBytes(32))
  let door: Door = { host: '', origin: '', token: newSecret(), channel: newSecret() }
  let served = false
  let leaving = false
  let stream: PageStream | null = null

  function refuse(response: ServerResponse, code: TapPageRefusal, status: number): void {
    listener.refused(code)
    // Not kept: what else may come on this connection comes from the same stranger.
    end(response, status, { connection: 'close' })
  }

  function openStream(response: ServerResponse): void {
    if (stream !== null) {
      refuse(response, 'channel-wrong', 409)
      return
    }
    stream = openPageStream(response, () => listener.lost(leaving))
    listener.come()
  }

  async function takeMessage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readMessage(request, limits.bodyMs)
    if (!body.ok) {
      refuse(response, body.code, statusOf[body.code] ?? 400)
      return
    }
    end(response, 204)
    listener.message(body.message)
  }

  const answers: Readonly<
    Record<Route, (request: IncomingMessage, response: ServerResponse, name: string) => void | Promise<void>>
  > = {
    page: (_, response) => {
      if (served) {
        refuse(response, 'token-used', 410)
        return
      }
      served = true
      deliver(response, files.page(door.channel))
    },
    file: (_, response, name) => deliver(response, files.file(name)),
    messages: (_, response) => openStream(response),
    message: takeMessage,
    leave: (_, response) => {
      leaving = true
      end(response, 204)
    },
    icon: (_, response) => end(response, 404),
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headersDistinct } = request
    const verdict = judgeRequest({ method, target: url, headers: headersDistinct }, door)
    if (!verdict.admitted) {
      refuse(response, verdict.code, verdict.status)
      return
    }
    if (verdict.route !== 'icon') connections.trust(request.socket)
    void answers[verdict.route](request, response, verdict.name)
  }

  function createOne(): Server {
    const server = createServer(options, answer)
    server.on('connection', connections.add)
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const code = codeOfBrokenRequest(error, socket)
      if (code !== null) listener.refused(code)
      socket.destroy()
    })
    const refuseSwitch = (_: IncomingMessage, socket: Duplex): void => {
      listener.refused('method-wrong')
      socket.destroy()
    }
    server.on('upgrade', refuseSwitch)
    server.on('connect', refuseSwitch)
    return server
  }

  const servers = [createOne(), createOne()] as const
  const host = `${rpId}:${await listenOnLoopback(...servers)}`
  door = { ...door, host, origin: `http://${host}` }
  const stopListening = (): void => {
    for (const server of servers) server.close()
  }
  return {
    origin: door.origin,
    address: `${door.origin}/${door.token}/`,
    send: (frame) => stream?.send(frame) ?? false,
    finish: () => {
      stream?.finish()
      stopListening()
    },
    close: () => {
      stopListening()
      connections.destroyAll()
    },
  }
}

function end(response: ServerResponse, status: number, more: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...loopbackHeaders('text/plain; charset=utf-8', ''), ...more }).end()
}

function deliver(response: ServerResponse, { body, headers }: PageAnswer): void {
  response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
}

/** Null: a connection on which nothing was said; browsers open some in advance, and there is nothing to refuse. */
function codeOfBrokenRequest({ code }: NodeJS.ErrnoException, socket: Duplex): TapPageRefusal | null {
  if (code === 'ECONNRESET' || ('bytesRead' in socket && socket.bytesRead === 0)) return null
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'body-too-slow'
  return code === 'HPE_HEADER_OVERFLOW' ? 'body-too-large' : 'body-malformed'
}

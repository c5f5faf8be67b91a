/** Visitors of the loopback server who are no browser: the page as our own code would act it, and strangers of every kind. */
import http from 'node:http'
import net from 'node:net'
import { tapLoopback, type HostFrame } from '../../shared/contracts/tap-loopback.ts'

export interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
  /** Default 127.0.0.1. */
  readonly address?: string
}

export interface Answered {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** Asks once, on a connection of its own. Rejects when the connection breaks before an answer. */
export function ask(port: number, { method = 'GET', path, headers = {}, body, address }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = { host: address ?? '127.0.0.1', port, method, path, agent: false as const }
    const all = { host: `halligan.localhost:${port}`, ...headers }
    const request = http.request({ ...options, headers: all }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Says `text` on a connection of its own and returns all that comes back until it is closed. */
export function sayRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (part: Buffer) => (heard += part.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
  })
}

/** The page, acted. */
export interface ActedPage {
  readonly port: number
  readonly token: string
  readonly channel: string
  readonly html: Answered
  /** Lines of the stream so far. */
  readonly frames: HostFrame[]
  readonly isStreamOpen: () => boolean
  /** Headers that the page's script sends. */
  readonly headers: Readonly<Record<string, string>>
  readonly say: (message: unknown) => Promise<Answered>
  readonly breakOff: () => void
}

/** Does what the page does: fetches itself, takes the channel secret, opens the stream. */
export async function actPage(address: string): Promise<ActedPage> {
  const { port: portText, pathname, origin } = new URL(address)
  const port = Number(portText)
  const html = await ask(port, {
    path: pathname,
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
  })
  const channel = /name="halligan-channel" content="([\w-]{43})"/.exec(html.body)?.[1] ?? ''
  const headers = {
    origin,
    [tapLoopback.channelHeader]: channel,
    'sec-fetch-site': 'same-origin',
    'sec-fetch-dest': 'empty',
  }
  const frames: HostFrame[] = []
  let open = true
  const { origin: _, ...withoutOrigin } = headers
  const request = http.get({
    host: '127.0.0.1',
    port,
    path: `${pathname}${tapLoopback.messagesPath}`,
    agent: false,
    headers: { ...withoutOrigin, host: `halligan.localhost:${port}` },
  })
  await new Promise<void>((resolve, reject) => {
    request.on('error', (error) => {
      open = false
      reject(error)
    })
    request.on('response', (response) => {
      let rest = ''
      response.on('data', (part: Buffer) => {
        rest += part.toString()
        const lines = rest.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) frames.push(JSON.parse(line) as HostFrame)
        resolve()
      })
      response.on('error', () => undefined)
      response.on('close', () => (open = false))
    })
  })
  return {
    port,
    token: pathname.slice(1, -1),
    channel,
    html,
    frames,
    isStreamOpen: () => open,
    headers,
    say: (message) =>
      ask(port, {
        method: 'POST',
        path: `${pathname}${tapLoopback.messagePath}`,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(message),
      }),
    breakOff: () => request.destroy(),
  }
}

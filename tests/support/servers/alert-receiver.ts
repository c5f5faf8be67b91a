/** An HTTPS server that writes down every alert that comes and answers as it is told to. */
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface ReceivedAlert {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  /** `text` as JSON. */
  readonly body: unknown
}

export interface AlertAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Never: the request is taken and nothing is said. */
  readonly afterMs?: number | 'never'
}

export interface AlertReceiver {
  readonly port: number
  /** `https://localhost:port`. */
  readonly origin: string
  readonly received: readonly ReceivedAlert[]
  /** From now on; given a list, one after the other, the last from then on. */
  readonly answer: (...answers: readonly [AlertAnswer, ...AlertAnswer[]]) => void
  readonly useCertificate: (certificate: Certificate) => void
  readonly stop: () => Promise<void>
}

export async function startAlertReceiver(certificate: Certificate): Promise<AlertReceiver> {
  const received: ReceivedAlert[] = []
  let answers: readonly AlertAnswer[] = [{ status: 200 }]
  const next = (): AlertAnswer => {
    const [first = { status: 200 }, ...rest] = answers
    if (rest.length > 0) answers = rest
    return first
  }
  const server = https.createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { method = '', url: target = '', headers } = request
      received.push({ method, target, headers, text, body: text === '' ? null : (JSON.parse(text) as unknown) })
      const { status, headers: more, body = '', afterMs = 0 } = next()
      if (afterMs === 'never') return
      setTimeout(() => response.writeHead(status, { 'content-type': 'application/json', ...more }).end(body), afterMs)
    })
  })
  server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `https://localhost:${port}`,
    received,
    answer: (...wanted) => {
      answers = wanted
    },
    useCertificate: ({ cert, key }) => server.setSecureContext({ cert, key }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

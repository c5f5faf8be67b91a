/** A receiver that keeps the contract of docs/sinks/https.md, and can be told to break it. In memory: nothing here crashes. */
import { createHash } from 'node:crypto'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Authority, Certificate } from './certificates.ts'

export interface KeptEntry {
  readonly seq: number
  readonly hash: string
  /** The text of `data`, as it stood in the request. */
  readonly text: string
}

/** What to answer instead, once or until taken back. */
export interface ForcedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpsReceiver {
  readonly port: number
  readonly url: string
  readonly kept: (source: string) => readonly KeptEntry[]
  /** What came last: method, headers, body. */
  readonly lastRequest: () => {
    readonly method: string
    readonly headers: NodeJS.Dict<string | string[]>
    readonly body: string
  }
  readonly requests: () => number
  readonly force: (answer: ForcedAnswer | null) => void
  readonly useCertificate: (certificate: Certificate) => void
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

interface Options {
  readonly token?: string
  /** Clients need a certificate of the authority. */
  readonly needsClient?: boolean
}

/** The value of `member` at the end of each object of a batch, as text: parsing it would not show whether its bytes survived. */
function sliceData(body: string): string[] {
  const events = JSON.parse(body) as { readonly data: unknown; readonly type: string }[]
  let at = 0
  return events.flatMap(({ data, type }) => {
    if (type === 'halligan.checkpoint') return []
    const start = body.indexOf('"data":', at) + '"data":'.length
    // Entries are canonical JSON: what JSON.stringify makes of what was parsed is as long as what was there.
    const text = body.slice(start, start + JSON.stringify(data).length)
    at = start + text.length
    return [text]
  })
}

export async function startHttpsReceiver(
  authority: Authority,
  certificate: Certificate,
  options: Options = {},
): Promise<HttpsReceiver> {
  const logs = new Map<string, KeptEntry[]>()
  let forced: ForcedAnswer | null = null
  let requests = 0
  let last = { method: '', headers: {} as NodeJS.Dict<string | string[]>, body: '' }
  let current = certificate

  const headOf = (source: string): string => {
    const kept = logs.get(source) ?? []
    return JSON.stringify({ size: kept.length, lastHash: kept.at(-1)?.hash ?? null })
  }
  /** All or nothing; a fork or a gap is 409 with our head. */
  const take = (body: string): ForcedAnswer => {
    const events = JSON.parse(body) as {
      id: string
      source: string
      subject: string
      type: string
      data: { prev: string }
    }[]
    const entries = events.filter(({ type }) => type !== 'halligan.checkpoint')
    const texts = sliceData(body)
    const source = entries[0]?.source ?? ''
    const kept = [...(logs.get(source) ?? [])]
    for (const [index, event] of entries.entries()) {
      const seq = Number(event.subject)
      const text = texts[index] ?? ''
      const hash = createHash('sha256').update(Buffer.of(0)).update(text, 'utf8').digest('base64url')
      if (hash !== event.id || event.source !== source) return { status: 400 }
      const known = kept[seq]
      if (known?.hash === hash) continue
      const before = kept.at(-1)?.hash ?? Buffer.alloc(32).toString('base64url')
      if (seq !== kept.length || event.data.prev !== before) return { status: 409, body: headOf(source) }
      kept.push({ seq, hash, text })
    }
    logs.set(source, kept)
    return { status: 200, body: headOf(source) }
  }
  const answer = (method: string, url: string, authorization: string | undefined, body: string): ForcedAnswer => {
    if (forced !== null) return forced
    if (options.token !== undefined && authorization !== `Bearer ${options.token}`) return { status: 401 }
    const { pathname, searchParams } = new URL(url, 'https://localhost')
    if (pathname !== '/audit') return { status: 404 }
    if (method === 'POST') return take(body)
    const [vault, station] = [searchParams.get('vault') ?? '', searchParams.get('station') ?? '']
    return { status: 200, body: headOf(`https://halligan.localhost/log/${vault}/${station}`) }
  }

  let server: https.Server | null = null
  let port = 0
  const tlsOptions = (): https.ServerOptions => ({
    cert: current.cert,
    key: current.key,
    ca: authority.ca,
    requestCert: options.needsClient === true,
    rejectUnauthorized: options.needsClient === true,
  })
  const start = (): Promise<void> =>
    new Promise((resolve) => {
      server = https.createServer(tlsOptions(), (request, response) => {
        const chunks: Buffer[] = []
        request.on('error', () => undefined)
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          requests++
          const body = Buffer.concat(chunks).toString('utf8')
          last = { method: request.method ?? '', headers: request.headers, body }
          const {
            status,
            headers = {},
            body: text = '',
          } = answer(last.method, request.url ?? '', request.headers.authorization, body)
          response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
        })
      })
      server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy())
      server.listen(port, '127.0.0.1', () => {
        port = (server?.address() as AddressInfo).port
        resolve()
      })
    })
  await start()
  return {
    port,
    url: `https://localhost:${port}/audit`,
    kept: (source) => logs.get(source) ?? [],
    lastRequest: () => last,
    requests: () => requests,
    force: (next) => {
      forced = next
    },
    useCertificate: (next) => {
      current = next
      server?.setSecureContext(tlsOptions())
    },
    stop: () =>
      new Promise((resolve) => {
        server?.close(() => resolve())
        server?.closeAllConnections()
      }),
    start,
  }
}

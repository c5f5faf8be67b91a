/** The page's end of the loopback carriage, against a server that is only a function. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectLoopback } from '../../../renderer/tap/loopback-port.ts'
import { tapLoopback } from '../../../shared/contracts/tap-loopback.ts'

interface Posted {
  readonly path: string
  readonly body: unknown
  readonly channel: string | null
}

function createHost(answer: (posted: Posted) => Promise<number> | number = () => 204) {
  const posted: Posted[] = []
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined
  let streamStatus = 200
  const fetchFake = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const channel = new Headers(init.headers).get(tapLoopback.channelHeader)
    const path = input as string
    if (path === tapLoopback.messagesPath) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          stream = controller
        },
      })
      init.signal?.addEventListener('abort', () => {
        try {
          stream?.error(new DOMException('aborted', 'AbortError'))
        } catch {
          // Ended already.
        }
      })
      return new Response(body, { status: streamStatus })
    }
    const body: unknown = init.body === undefined ? null : JSON.parse(init.body as string)
    const request = { path, body, channel }
    posted.push(request)
    return new Response(null, { status: await answer(request) })
  }
  return {
    fetch: fetchFake,
    posted,
    bytes: (bytes: Uint8Array) => stream?.enqueue(bytes),
    say: (text: string) => stream?.enqueue(new TextEncoder().encode(text)),
    line: (frame: unknown) => stream?.enqueue(new TextEncoder().encode(`${JSON.stringify(frame)}\n`)),
    hangUp: () => stream?.close(),
    refuseStream: () => (streamStatus = 403),
  }
}

function connect(host: ReturnType<typeof createHost>) {
  const received: unknown[] = []
  let closed = 0
  let done = 0
  const { port, leave } = connectLoopback({ fetch: host.fetch, channel: 'channel-secret', onDone: () => done++ })
  port.onMessage((message) => received.push(message))
  port.onClose(() => closed++)
  return { port, leave, received, closed: () => closed, done: () => done }
}

const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(1)
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the tap page’s port over loopback', () => {
  it('delivers messages however the stream is cut, also inside a character', async () => {
    const host = createHost()
    const page = connect(host)
    await settle()
    const bytes = new TextEncoder().encode(`{"kind":"alive"}\n{"kind":"message","message":{"name":"Žofie"}}\n`)
    for (const byte of bytes) host.bytes(Uint8Array.of(byte))
    await settle()
    expect(page.received).toEqual([{ name: 'Žofie' }])
  })

  it('posts one message after the other, in order, each with the channel secret', async () => {
    const answers: ((status: number) => void)[] = []
    const host = createHost(() => new Promise((resolve) => answers.push(resolve)))
    const page = connect(host)
    await settle()
    page.port.post({ n: 1 })
    page.port.post({ n: 2 })
    await settle()
    expect(host.posted.map(({ body }) => body)).toEqual([{ n: 1 }])
    answers[0]?.(204)
    await settle()
    expect(host.posted).toEqual([
      { path: tapLoopback.messagePath, body: { n: 1 }, channel: 'channel-secret' },
      { path: tapLoopback.messagePath, body: { n: 2 }, channel: 'channel-secret' },
    ])
  })

  it('closes, and says done, when the host says so', async () => {
    const host = createHost()
    const page = connect(host)
    await settle()
    host.line({ kind: 'done' })
    await settle()
    expect([page.closed(), page.done()]).toEqual([1, 1])
    page.port.post({ n: 1 })
    await settle()
    expect(host.posted).toEqual([])
  })

  it.each([
    ['the stream breaks off', (host: ReturnType<typeof createHost>) => host.hangUp()],
    ['a line is no frame', (host: ReturnType<typeof createHost>) => host.line({ kind: 'message', extra: 1 })],
    ['a line is no JSON', (host: ReturnType<typeof createHost>) => host.say('hello\n')],
  ])('closes without being done when %s', async (_, happen) => {
    const host = createHost()
    const page = connect(host)
    await settle()
    happen(host)
    await settle()
    expect([page.closed(), page.done()]).toEqual([1, 0])
  })

  it('closes when a message is refused', async () => {
    const host = createHost(() => 403)
    const page = connect(host)
    await settle()
    page.port.post({ n: 1 })
    await settle()
    expect([page.closed(), page.done()]).toEqual([1, 0])
  })

  it('closes when it is not let in at all', async () => {
    const host = createHost()
    host.refuseStream()
    const page = connect(host)
    await settle()
    expect(page.closed()).toBe(1)
  })

  it('believes a silent host gone after three missed signs of life, and not before', async () => {
    const host = createHost()
    const page = connect(host)
    await settle()
    await vi.advanceTimersByTimeAsync(2.5 * tapLoopback.aliveEveryMs)
    host.line({ kind: 'alive' })
    await vi.advanceTimersByTimeAsync(2.5 * tapLoopback.aliveEveryMs)
    expect(page.closed()).toBe(0)
    await vi.advanceTimersByTimeAsync(tapLoopback.aliveEveryMs)
    expect(page.closed()).toBe(1)
  })

  it('reads no line without end', async () => {
    const host = createHost()
    const page = connect(host)
    await settle()
    host.say('x'.repeat(tapLoopback.maxToPage + 1))
    await settle()
    expect(page.closed()).toBe(1)
  })

  it('says that it leaves only while there is somebody to tell', async () => {
    const host = createHost()
    const page = connect(host)
    await settle()
    page.leave()
    await settle()
    expect(host.posted).toEqual([{ path: tapLoopback.leavePath, body: null, channel: 'channel-secret' }])
    host.line({ kind: 'done' })
    await settle()
    page.leave()
    await settle()
    expect(host.posted).toHaveLength(1)
  })
})

/** The tap page's port when it stands in the system's browser: HTTP to the host that served it (docs/tap-in-browser.md). */
import { hostFrameSchema, tapLoopback, type HostFrame } from '../../shared/contracts/tap-loopback.ts'
import type { Port } from '../../shared/contracts/port.ts'

/** What of the page the port stands on; handed in, so that it can be tested without a browser. */
export interface LoopbackMeans {
  readonly fetch: typeof fetch
  /** The secret that this page was served with. */
  readonly channel: string
  /** The host has said that all is done: the window may close. */
  readonly onDone: () => void
}

export interface LoopbackPort {
  readonly port: Port
  /** Tells the host that the person closes the page; survives the page for a moment. */
  readonly leave: () => void
}

/** A host that has missed this many signs of life is gone. */
const mostMissed = 3

/** Connects at once. The port closes when the tap is done, and when the host is gone. */
export function connectLoopback({ fetch, channel, onDone }: LoopbackMeans): LoopbackPort {
  const headers = { [tapLoopback.channelHeader]: channel }
  const ended = new AbortController()
  const early: unknown[] = []
  let deliver = (message: unknown): void => void early.push(message)
  let tellClosed = (): void => undefined
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    ended.abort()
    tellClosed()
  }

  const receive = (frame: HostFrame): void => {
    switch (frame.kind) {
      case 'message':
        deliver(frame.message)
        return
      case 'alive':
        return
      case 'done':
        close()
        onDone()
    }
  }
  const request: RequestInit = {
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  }
  const listen = async (): Promise<void> => {
    const answer = await fetch(tapLoopback.messagesPath, { ...request, headers, signal: ended.signal })
    if (answer.status !== 200 || answer.body === null) return
    await readLines(answer.body, (line) => {
      const frame = hostFrameSchema.safeParse(parseJson(line))
      if (frame.success) receive(frame.data)
      return frame.success && !closed
    })
  }
  const send = async (body: string): Promise<void> => {
    const json = { ...headers, 'content-type': 'application/json' }
    const init = { ...request, method: 'POST', headers: json, body, signal: ended.signal }
    const answer = await fetch(tapLoopback.messagePath, init)
    if (answer.status !== 204) close()
  }
  // Messages keep their order: each waits for the answer to the one before.
  let sending = Promise.resolve()
  void listen()
    .catch(() => undefined)
    .finally(close)
  return {
    port: {
      post: (message) => {
        if (closed) return
        const body = JSON.stringify(message)
        sending = sending.then(() => (closed ? undefined : send(body))).catch(close)
      },
      onMessage: (listener) => {
        deliver = listener
        for (const message of early.splice(0)) listener(message)
      },
      onClose: (listener) => {
        tellClosed = listener
        if (closed) listener()
      },
      close,
    },
    leave: () => {
      // Not ended by `ended`: it is the last word of a page that is going.
      if (!closed)
        void fetch(tapLoopback.leavePath, { ...request, method: 'POST', headers, keepalive: true }).catch(
          () => undefined,
        )
    },
  }
}

/** Reads lines until the stream ends, `take` returns false, a line is too long, or nothing has come for too long. */
async function readLines(body: ReadableStream<Uint8Array>, take: (line: string) => boolean): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read())
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > tapLoopback.maxToPage) return
      if (!lines.every(take)) return
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** `read`, unless the host is silent for longer than one that lives. */
async function withinSilence<T>(read: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, mostMissed * tapLoopback.aliveEveryMs, new Error('the host is silent'))
  })
  try {
    return await Promise.race([read, silence])
  } finally {
    clearTimeout(timer)
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

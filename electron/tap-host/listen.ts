/** Ports of this machine that nobody else can take while we hold them. */
import { createServer, type Server as NetServer } from 'node:net'

/** What is used of an HTTP server. */
type Listening = Pick<NetServer, 'listen' | 'once' | 'off' | 'address' | 'close'>

const attempts = 16

function listenOn(server: Listening, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const close = (server: Listening): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

/**
 * Opens `first` on 127.0.0.1 and `second` on ::1, on the same port, chosen by the system. A browser takes `*.localhost` for both
 * addresses: whoever held the other one would be asked for our page first. Without IPv6 nobody can hold it.
 * @returns the port
 */
export async function listenOnLoopback(first: Listening, second: Listening): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await listenOn(first, '127.0.0.1', 0)
    try {
      await listenOn(second, '::1', port)
      return port
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return port
      await close(first)
      if (code !== 'EADDRINUSE' || attempt === attempts) throw error
    }
  }
}

/** A port that takes every connection and drops it: the proxy through which the browser finds no network. */
export async function openDeadEnd(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.destroy()
  })
  const port = await listenOn(server, '127.0.0.1', 0)
  return { port, close: () => server.close() }
}

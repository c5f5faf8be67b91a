/** A server on this machine that counts who comes: what a window must never reach. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A counting listener. */
export interface Listener {
  readonly port: number
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(): Promise<Listener> {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/**
 * A network that breaks: a TCP relay that can cut what passes through it, in the ways networks do. Bytes that were under way
 * are lost, as they are when a line goes.
 */
import net from 'node:net'

/**
 * `reset`: both sides get a reset. `half-close`: the client is told that the connection has ended as if all were well, as
 * load balancers do whose server has gone. `stall`: nothing passes any more and nobody is told, until the client gives up.
 */
export type Cut = 'reset' | 'half-close' | 'stall'
export const cuts: readonly Cut[] = ['reset', 'half-close', 'stall']

export interface CuttingProxy {
  readonly port: number
  /** Bytes that have come from clients. */
  readonly passed: () => number
  /** Cuts every connection after `afterBytes` more bytes from clients, then refuses new ones for `downMs`. */
  readonly cutAfter: (afterBytes: number, cut: Cut, downMs: number) => void
  /** How many of the cuts asked for have happened. */
  readonly cutsMade: () => number
  /** Refuses connections, or takes them again. */
  readonly setDown: (isDown: boolean) => void
  readonly close: () => Promise<void>
}

export function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const pairs = new Set<{ readonly client: net.Socket; readonly server: net.Socket }>()
  let passed = 0
  let made = 0
  let isDown = false
  let planned: { at: number; cut: Cut; downMs: number } | null = null
  const timers = new Set<NodeJS.Timeout>()
  /** Also those whose pair has gone: a client that was told nothing stays until the end. */
  const sockets = new Set<net.Socket>()
  const watch = (socket: net.Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }

  const cutNow = (cut: Cut, downMs: number): void => {
    made++
    planned = null
    for (const { client, server } of pairs) {
      client.unpipe(server)
      server.unpipe(client)
      if (cut === 'stall') {
        client.removeAllListeners('data').pause()
        continue
      }
      if (cut === 'half-close') client.end()
      else client.resetAndDestroy()
      server.resetAndDestroy()
    }
    isDown = true
    const timer = setTimeout(() => {
      timers.delete(timer)
      isDown = false
    }, downMs)
    timers.add(timer)
  }

  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    watch(client)
    client.on('error', () => undefined)
    if (isDown) {
      client.resetAndDestroy()
      return
    }
    const server = net.connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    watch(server)
    const pair = { client, server }
    pairs.add(pair)
    const drop = (): void => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    client.on('error', drop).on('close', drop)
    server.on('error', drop).on('close', () => {
      pairs.delete(pair)
      if (!client.readableEnded) client.end()
    })
    client.on('data', (bytes: Buffer) => {
      passed += bytes.length
      // Before these bytes are on their way: they are the ones that get lost.
      if (planned !== null && passed >= planned.at) cutNow(planned.cut, planned.downMs)
      else if (!server.write(bytes)) {
        client.pause()
        server.once('drain', () => client.resume())
      }
    })
    client.on('end', () => server.end())
    server.pipe(client)
  })

  return new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => {
      resolve({
        port: (proxy.address() as net.AddressInfo).port,
        passed: () => passed,
        cutsMade: () => made,
        cutAfter: (afterBytes, cut, downMs) => {
          planned = { at: passed + afterBytes, cut, downMs }
        },
        setDown: (down) => {
          isDown = down
          if (down) for (const { client } of pairs) client.resetAndDestroy()
        },
        close: () =>
          new Promise((done) => {
            for (const timer of timers) clearTimeout(timer)
            for (const socket of sockets) socket.destroy()
            proxy.close(() => done())
          }),
      })
    })
  })
}

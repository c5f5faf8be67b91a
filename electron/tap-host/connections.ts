/**
 * Bounds the connections of strangers. When there are too many, the oldest that has proved nothing makes room: whoever fills
 * the server with silent connections throws out only their own, and never one that our page uses.
 */
import type { Socket } from 'node:net'

/** Connections that have proved nothing, at most. A browser opens six. */
const strangersAtMost = 24

export interface Connections {
  readonly add: (socket: Socket) => void
  /** It brought the token: it stays as long as it likes. */
  readonly trust: (socket: Socket) => void
  readonly destroyAll: () => void
}

/** @param onCrowded a connection was thrown out */
export function createConnections(onCrowded: () => void): Connections {
  // Sets keep the order of insertion: the first is the oldest.
  const strangers = new Set<Socket>()
  const all = new Set<Socket>()
  return {
    add: (socket) => {
      all.add(socket)
      strangers.add(socket)
      // A connection that breaks is no event of ours; without a listener it would end the process.
      socket.on('error', () => undefined)
      socket.once('close', () => {
        all.delete(socket)
        strangers.delete(socket)
      })
      const [oldest] = strangers
      if (strangers.size <= strangersAtMost || oldest === undefined) return
      strangers.delete(oldest)
      oldest.destroy()
      onCrowded()
    },
    trust: (socket) => {
      strangers.delete(socket)
    },
    destroyAll: () => {
      for (const socket of all) socket.destroy()
    },
  }
}

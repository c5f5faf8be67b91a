/**
 * Ports over the one pipe of `child_process.fork` (serialization 'advanced'), for processes that run under plain Node: the
 * same code can then be started, killed and started again by a test. Both ends use this file.
 */
import { z } from 'zod'
import { portNames, type PortName } from '../../shared/contracts/broker.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { createMailbox, fromParentPort, type ElectronParentPort, type ProcessEnvironment } from './ports.ts'

/** What is used of `process` in the child and of the ChildProcess in the parent. */
export interface ForkEnd {
  send?: (message: { pipe: number; kind: string }, callback: (error: Error | null) => void) => unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

export interface ForkPipe {
  /** Pipe number 0, there from the start. */
  readonly control: Port
  /** Sets the one listener for ports that the other end has opened. */
  readonly onPort: (listener: (name: PortName, operation: string | null, port: Port) => void) => void
  /** Opens a port; the other end gets its counterpart. */
  readonly openPort: (name: PortName, operation: string | null) => Port
}

const controlPipe = 0
const frameSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('open'),
    pipe: z.number().int().positive(),
    port: z.enum(portNames),
    operation: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('message'), pipe: z.number().int(), body: z.unknown() }),
  z.strictObject({ kind: z.literal('close'), pipe: z.number().int() }),
])

interface Channel {
  readonly port: Port
  readonly deliver: (message: unknown) => void
  readonly closed: () => void
}

/** One end of the pipe. Only the parent opens ports, so numbers never clash. */
export function createForkPipe(end: ForkEnd): ForkPipe {
  const channels = new Map<number, Channel>()
  const opened = createMailbox<[PortName, string | null, Port]>()
  let connected = true
  let last = controlPipe
  const send = (frame: { pipe: number; kind: string; [part: string]: unknown }): void => {
    // The other process may be gone before this one has heard of it; its end comes as a disconnect.
    if (connected) end.send?.(frame, () => undefined)
  }

  function createChannel(pipe: number): Port {
    const messages = createMailbox<[unknown]>()
    const closes = createMailbox<[]>()
    const port: Port = {
      post: (body) => {
        if (channels.has(pipe)) send({ kind: 'message', pipe, body })
      },
      onMessage: messages.listen,
      onClose: closes.listen,
      close: () => {
        if (!channels.delete(pipe)) return
        send({ kind: 'close', pipe })
        closes.deliver()
      },
    }
    channels.set(pipe, { port, deliver: messages.deliver, closed: closes.deliver })
    return port
  }

  function closeChannel(pipe: number): void {
    const channel = channels.get(pipe)
    channels.delete(pipe)
    channel?.closed()
  }

  end.on('message', (raw) => {
    const frame = frameSchema.safeParse(raw)
    if (!frame.success) return
    const { data } = frame
    if (data.kind === 'open') opened.deliver(data.port, data.operation, createChannel(data.pipe))
    else if (data.kind === 'close') closeChannel(data.pipe)
    else channels.get(data.pipe)?.deliver(data.body)
  })
  end.on('disconnect', () => {
    connected = false
    for (const pipe of [...channels.keys()]) closeChannel(pipe)
  })
  return {
    control: createChannel(controlPipe),
    onPort: opened.listen,
    openPort: (port, operation) => {
      const pipe = ++last
      send({ kind: 'open', pipe, port, operation })
      return createChannel(pipe)
    },
  }
}

/** The environment of this process: Electron's where it is a utility process, else the pipe of `child_process.fork`. */
export function findEnvironment(): ProcessEnvironment {
  const exit = (code: number): void => {
    process.exit(code)
  }
  const { parentPort } = process as unknown as { readonly parentPort?: ElectronParentPort }
  if (parentPort !== undefined) return fromParentPort(parentPort, exit)
  // The pipe breaks when the process that started this one is gone; nobody would end it then.
  process.on('disconnect', () => exit(0))
  return { ...createForkPipe(process), exit }
}

/**
 * Adapters from what Node and Electron call a port to ours. No import from `electron`: its objects are described by
 * the few members used, so that every process also runs under plain Node.
 */
import type { MessagePort } from 'node:worker_threads'
import type { PortName } from '../../shared/contracts/broker.ts'
import { portMessageSchema } from '../../shared/contracts/broker.ts'
import type { Port } from '../../shared/contracts/port.ts'

/** What is used of Electron's MessagePortMain. */
export interface ElectronPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** What is used of a utility process's `process.parentPort`. */
export interface ElectronParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronPort[] }) => void): unknown
}

/** What a utility process is given: a control port to main, and further ports as main hands them over. */
export interface ProcessEnvironment {
  readonly control: Port
  /** Sets the one listener for ports handed over; earlier ones are delivered then. */
  onPort(listener: (name: PortName, operation: string | null, port: Port) => void): void
  /** Ends this process. */
  exit(code: number): void
}

/** Buffers calls until the one listener is there. */
export function createMailbox<A extends readonly unknown[]>(): {
  deliver: (...args: A) => void
  listen: (listener: (...args: A) => void) => void
} {
  let listener: ((...args: A) => void) | undefined
  const early: A[] = []
  return {
    deliver: (...args) => {
      if (listener === undefined) early.push(args)
      else listener(...args)
    },
    listen: (next) => {
      listener = next
      for (const args of early.splice(0)) next(...args)
    },
  }
}

/** Adapts an Electron MessagePortMain (main and utility processes). */
export function fromElectronPort(port: ElectronPort): Port {
  const messages = createMailbox<[unknown]>()
  const closes = createMailbox<[]>()
  port.on('message', (event) => {
    messages.deliver(event.data)
  })
  port.on('close', () => {
    closes.deliver()
  })
  port.start()
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: messages.listen,
    onClose: closes.listen,
    close: () => {
      port.close()
    },
  }
}

/** Adapts a `worker_threads` MessagePort (tests under plain Node). */
export function fromNodePort(port: MessagePort): Port {
  const messages = createMailbox<[unknown]>()
  const closes = createMailbox<[]>()
  port.on('message', (message: unknown) => {
    messages.deliver(message)
  })
  port.on('close', () => {
    closes.deliver()
  })
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: messages.listen,
    onClose: closes.listen,
    close: () => {
      port.close()
    },
  }
}

/** The environment of an Electron utility process. */
export function fromParentPort(parent: ElectronParentPort, exit: (code: number) => void): ProcessEnvironment {
  const messages = createMailbox<[unknown]>()
  const ports = createMailbox<[PortName, string | null, Port]>()
  parent.on('message', (event) => {
    const [handed] = event.ports
    if (handed === undefined) {
      messages.deliver(event.data)
      return
    }
    const named = portMessageSchema.safeParse(event.data)
    if (named.success) ports.deliver(named.data.port, named.data.operation, fromElectronPort(handed))
    else handed.close()
  })
  return {
    control: {
      post: (message) => {
        parent.postMessage(message)
      },
      onMessage: messages.listen,
      // Main outlives its utility processes; when it dies the system ends them.
      onClose: () => undefined,
      close: () => undefined,
    },
    onPort: ports.listen,
    exit,
  }
}

/**
 * A contract is one object: calls (client asks, server answers) and events (server tells). Client and server sides are
 * derived from it by types, and every message is validated at its receiver, both ways.
 */
import { z } from 'zod'
// For its effect: zod must be told to stay off `new Function` before the first schema is made, or a page trips its policy.
import '../domain/forms.ts'
import { asHalliganError, errorCodes, HalliganError } from '../errors.ts'
import type { Port } from './port.ts'

export interface CallShape {
  readonly input: z.ZodType
  readonly output: z.ZodType
}

export interface Contract {
  readonly name: string
  readonly calls: Readonly<Record<string, CallShape>>
  readonly events: Readonly<Record<string, z.ZodType>>
}

/** Types a contract literal without widening it. */
export const defineContract = <const C extends Contract>(contract: C): C => contract

export type CallName<C extends Contract> = keyof C['calls'] & string
export type EventName<C extends Contract> = keyof C['events'] & string
export type Input<C extends Contract, K extends CallName<C>> = z.infer<C['calls'][K]['input']>
export type Output<C extends Contract, K extends CallName<C>> = z.infer<C['calls'][K]['output']>
export type EventPayload<C extends Contract, K extends EventName<C>> = z.infer<C['events'][K]>

/** What the serving side implements: one function per call. */
export type Handlers<C extends Contract> = {
  readonly [K in CallName<C>]: (input: Input<C, K>) => Output<C, K> | Promise<Output<C, K>>
}

/** What the calling side holds: one function per call. Rejects with {@link HalliganError} only. */
export type Client<C extends Contract> = {
  readonly [K in CallName<C>]: (input: Input<C, K>) => Promise<Output<C, K>>
}

export type EventListeners<C extends Contract> = { readonly [K in EventName<C>]: (payload: EventPayload<C, K>) => void }

export interface Served<C extends Contract> {
  emit<K extends EventName<C>>(event: K, payload: EventPayload<C, K>): void
}

export interface Connected<C extends Contract> {
  readonly call: Client<C>
  /** Rejects everything in flight with PORT_CLOSED. */
  readonly disconnect: () => void
}

const detailSchema = z.record(z.string().max(40), z.union([z.string().max(300), z.number(), z.boolean()]))
const callMessage = z.strictObject({
  contract: z.string().max(40),
  kind: z.literal('call'),
  id: z.number().int().nonnegative(),
  method: z.string().max(60),
  input: z.unknown(),
})
const answerMessage = z.discriminatedUnion('kind', [
  z.strictObject({ contract: z.string().max(40), kind: z.literal('ok'), id: z.number().int(), output: z.unknown() }),
  z.strictObject({
    contract: z.string().max(40),
    kind: z.literal('error'),
    id: z.number().int(),
    code: z.enum(errorCodes),
    detail: detailSchema,
  }),
  z.strictObject({
    contract: z.string().max(40),
    kind: z.literal('event'),
    event: z.string().max(60),
    payload: z.unknown(),
  }),
])

const namesContract = (message: unknown): string | undefined =>
  typeof message === 'object' && message !== null && 'contract' in message && typeof message.contract === 'string'
    ? message.contract
    : undefined

/**
 * Shares one port between contracts: each serve/connect call on the returned hub adds a receiver. A message that no
 * receiver understands is dropped (a hostile peer learns nothing).
 */
export interface Hub {
  serve<C extends Contract>(contract: C, handlers: Handlers<C>): Served<C>
  connect<C extends Contract>(contract: C, listeners: EventListeners<C>): Connected<C>
  onClose(listener: () => void): void
  close(): void
}

type Receiver = (message: unknown) => boolean

/** Wraps `port`; from here on the hub is its only listener. */
export function createHub(port: Port): Hub {
  const receivers: Receiver[] = []
  const closers: (() => void)[] = []
  let closed = false
  const closeOnce = (): void => {
    if (closed) return
    closed = true
    for (const closer of closers) closer()
  }
  port.onMessage((message) => {
    receivers.some((receive) => receive(message))
  })
  port.onClose(closeOnce)
  const post = (message: unknown): void => {
    if (!closed) port.post(message)
  }
  return {
    serve: (contract, handlers) => serve(contract, handlers, post, receivers),
    connect: (contract, listeners) => {
      const connected = connect(contract, listeners, post, receivers, () => closed)
      closers.push(connected.disconnect)
      return connected
    },
    onClose: (listener) => {
      if (closed) listener()
      else closers.push(listener)
    },
    close: () => {
      port.close()
      closeOnce()
    },
  }
}

function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  post: (message: unknown) => void,
  receivers: Receiver[],
): Served<C> {
  const run = async (id: number, method: string, raw: unknown): Promise<void> => {
    try {
      // Own properties only: `method` comes from the other side and may be "constructor" or "__proto__".
      if (!Object.hasOwn(contract.calls, method)) throw new HalliganError('METHOD_UNKNOWN')
      const shape = contract.calls[method]
      const handler = (handlers as Record<string, (input: unknown) => unknown>)[method]
      if (shape === undefined || handler === undefined) throw new HalliganError('METHOD_UNKNOWN')
      const input = shape.input.safeParse(raw)
      if (!input.success) throw new HalliganError('MESSAGE_INVALID', { method })
      const output = shape.output.parse(await handler(input.data))
      post({ contract: contract.name, kind: 'ok', id, output })
    } catch (thrown) {
      const error = asHalliganError(thrown)
      post({ contract: contract.name, kind: 'error', id, code: error.code, detail: error.detail })
    }
  }
  receivers.push((message) => {
    if (namesContract(message) !== contract.name) return false
    const call = callMessage.safeParse(message)
    if (!call.success) return false
    void run(call.data.id, call.data.method, call.data.input)
    return true
  })
  return {
    emit: (event, payload) => {
      post({ contract: contract.name, kind: 'event', event, payload })
    },
  }
}

function connect<C extends Contract>(
  contract: C,
  listeners: EventListeners<C>,
  post: (message: unknown) => void,
  receivers: Receiver[],
  isClosed: () => boolean,
): Connected<C> {
  const waiting = new Map<number, { method: string; resolve: (value: never) => void; reject: (error: Error) => void }>()
  let next = 0
  const settle = (
    id: number,
    then: (entry: { method: string; resolve: (value: never) => void; reject: (error: Error) => void }) => void,
  ): void => {
    const entry = waiting.get(id)
    if (entry === undefined) return
    waiting.delete(id)
    then(entry)
  }
  receivers.push((message) => {
    if (namesContract(message) !== contract.name) return false
    const parsed = answerMessage.safeParse(message)
    if (!parsed.success) return false
    const answer = parsed.data
    switch (answer.kind) {
      case 'ok':
        settle(answer.id, ({ method, resolve, reject }) => {
          const output = contract.calls[method]?.output.safeParse(answer.output)
          if (output?.success === true) resolve(output.data as never)
          else reject(new HalliganError('MESSAGE_INVALID', { method }))
        })
        return true
      case 'error':
        settle(answer.id, ({ reject }) => {
          reject(new HalliganError(answer.code, answer.detail))
        })
        return true
      case 'event': {
        if (!Object.hasOwn(contract.events, answer.event)) return true
        const payload = contract.events[answer.event]?.safeParse(answer.payload)
        if (payload?.success === true)
          (listeners as Record<string, (payload: unknown) => void>)[answer.event]?.(payload.data)
        return true
      }
    }
  })
  const call = Object.fromEntries(
    Object.keys(contract.calls).map((method) => [
      method,
      (input: unknown): Promise<unknown> =>
        new Promise((resolve, reject) => {
          if (isClosed()) {
            reject(new HalliganError('PORT_CLOSED'))
            return
          }
          const id = next++
          waiting.set(id, { method, resolve: resolve, reject })
          post({ contract: contract.name, kind: 'call', id, method, input })
        }),
    ]),
  ) as unknown as Client<C>
  return {
    call: Object.freeze(call),
    disconnect: () => {
      for (const { reject } of waiting.values()) reject(new HalliganError('PORT_CLOSED'))
      waiting.clear()
    },
  }
}

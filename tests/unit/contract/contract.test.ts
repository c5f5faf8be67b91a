import { MessageChannel } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromNodePort } from '../../../electron/platform/ports.ts'
import { appContract } from '../../../shared/contracts/app.ts'
import {
  strongroomControlContract,
  strongroomHostContract,
  vaultControlContract,
  vaultHostContract,
} from '../../../shared/contracts/broker.ts'
import { createHub, defineContract, type Contract } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { revealContract } from '../../../shared/contracts/reveal.ts'
import { sealContract } from '../../../shared/contracts/seal.ts'
import { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { tapContract } from '../../../shared/contracts/tap.ts'
import { errorCodes, HalliganError } from '../../../shared/errors.ts'

const open: MessageChannel[] = []
const pipe = (): [Port, Port] => {
  const channel = new MessageChannel()
  open.push(channel)
  return [fromNodePort(channel.port1), fromNodePort(channel.port2)]
}
afterEach(() => {
  for (const channel of open.splice(0)) channel.port1.close()
})

const sums = defineContract({
  name: 'sums',
  calls: {
    add: { input: z.strictObject({ a: z.number(), b: z.number() }), output: z.strictObject({ sum: z.number() }) },
    fail: { input: z.strictObject({}), output: z.strictObject({}) },
    lie: { input: z.strictObject({}), output: z.strictObject({ sum: z.number() }) },
  },
  events: { added: z.strictObject({ sum: z.number() }) },
})

function serveSums(port: Port) {
  return createHub(port).serve(sums, {
    add: ({ a, b }) => ({ sum: a + b }),
    fail: () => {
      throw new Error('a foreign message that may quote a secret')
    },
    lie: () => ({ sum: 'three' }) as never,
  })
}

describe('contract', () => {
  it('answers a call and delivers an event', async () => {
    const [server, client] = pipe()
    const served = serveSums(server)
    const seen: number[] = []
    const { call } = createHub(client).connect(sums, { added: ({ sum }) => seen.push(sum) })
    expect(await call.add({ a: 1, b: 2 })).toEqual({ sum: 3 })
    served.emit('added', { sum: 3 })
    await call.add({ a: 0, b: 0 })
    expect(seen).toEqual([3])
  })

  it('refuses unknown keys, wrong types and prototype names with a code', async () => {
    const [server, client] = pipe()
    serveSums(server)
    const { call } = createHub(client).connect(sums, { added: () => undefined })
    await expect(call.add({ a: 1, b: 2, c: 3 } as never)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(call.add({ a: 1 } as never)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    const answers: unknown[] = []
    client.onMessage((message) => answers.push(message))
    for (const method of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'nothing'])
      client.post({ contract: 'sums', kind: 'call', id: 7, method, input: {} })
    await expect.poll(() => answers.length).toBe(5)
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'error', code: 'METHOD_UNKNOWN' })
  })

  it('never lets a foreign error text cross, and refuses an answer that breaks the contract', async () => {
    const [server, client] = pipe()
    serveSums(server)
    const { call } = createHub(client).connect(sums, { added: () => undefined })
    await expect(call.fail({})).rejects.toMatchObject({ code: 'INTERNAL', message: 'INTERNAL', detail: {} })
    await expect(call.lie({})).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('rejects what is in flight, and everything after, when the port closes', async () => {
    const [server, client] = pipe()
    const hub = createHub(client)
    const { call } = hub.connect(sums, { added: () => undefined })
    const waiting = call.add({ a: 1, b: 2 })
    server.close()
    await expect(waiting).rejects.toMatchObject({ code: 'PORT_CLOSED' })
    await expect(call.add({ a: 1, b: 2 })).rejects.toMatchObject({ code: 'PORT_CLOSED' })
  })

  it('keeps two contracts on one port apart', async () => {
    const other = defineContract({ ...sums, name: 'other' })
    const [server, client] = pipe()
    serveSums(server)
    const hub = createHub(client)
    const mine = hub.connect(sums, { added: () => undefined })
    const theirs = hub.connect(other, { added: () => undefined })
    let answered = false
    void theirs.call.add({ a: 1, b: 1 }).then(
      () => (answered = true),
      () => undefined,
    )
    expect(await mine.call.add({ a: 2, b: 2 })).toEqual({ sum: 4 })
    expect(answered).toBe(false)
  })
})

const contracts: readonly Contract[] = [
  appContract,
  strongroomContract,
  tapContract,
  sealContract,
  revealContract,
  vaultHostContract,
  vaultControlContract,
  strongroomHostContract,
  strongroomControlContract,
]
const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 5000 : 150

describe.each(contracts)('fuzzed messages to $name', (contract) => {
  it('get typed errors only, and no handler sees input outside the contract', async () => {
    const [server, client] = pipe()
    const methods = Object.keys(contract.calls)
    const handlers = Object.fromEntries(
      methods.map((method) => [
        method,
        (input: unknown) => {
          contract.calls[method]?.input.parse(input)
          throw new HalliganError('CANCELLED')
        },
      ]),
    )
    createHub(server).serve(contract, handlers)
    const answers = new Map<number, unknown>()
    client.onMessage((message) => {
      const answer = message as { id: number }
      answers.set(answer.id, message)
    })
    let id = 0
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...methods), fc.string()),
        fc.oneof(
          fc.anything({ withTypedArray: true, withBigInt: true, withDate: true, withMap: true, maxDepth: 3 }),
          fc.dictionary(
            fc.constantFrom('person', 'credential', 'field', 'operation', '__proto__', 'tap'),
            fc.anything(),
          ),
        ),
        async (method, input) => {
          const mine = id++
          try {
            client.post({ contract: contract.name, kind: 'call', id: mine, method, input })
          } catch {
            return // not clonable: it cannot be sent at all
          }
          // A method name over the bound makes a malformed envelope, which is dropped: probe that the server still lives.
          const probe = id++
          client.post({ contract: contract.name, kind: 'call', id: probe, method: 'no-such-method', input: null })
          while (!answers.has(probe)) await new Promise((resolve) => setImmediate(resolve))
          const answer = answers.get(mine) as { kind: string; code: string } | undefined
          if (answer === undefined) {
            expect(method.length).toBeGreaterThan(60)
            return
          }
          expect(answer.kind).toBe('error')
          expect(errorCodes).toContain(answer.code)
        },
      ),
      { numRuns: runs },
    )
  })
})

/** The engine in a real vault process with a real log; main, courier and receivers in the test's hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { entriesOf, readEntries } from '../../e2e/journey/log.ts'
import { allOver, createAlertHost, signAlerts, webhook, type AlertHost } from '../../support/alert-host.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import { seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { eventually, type World } from '../../support/vault-world.ts'

let place: Place
let clock: HandClock
let host: AlertHost
let world: World
let ready: ReadyWorld
let credential: string

async function start(): Promise<void> {
  world = openWorld(place, clock, host.serve)
  await world.state()
}

beforeEach(async () => {
  place = makePlace()
  clock = createHandClock()
  host = createAlertHost()
  await start()
  ready = await setUp(world)
  credential = await seal(world, ready)
})
afterEach(async () => {
  await world.close()
  place.remove()
})

const log = (): Promise<readonly Entry[]> => readEntries(place.dir)
const waitUntilDrained = (): Promise<void> =>
  eventually(async () => {
    const { alerts } = await world.state()
    return alerts.waiting === 0 && alerts.channels.every(({ state }) => state === 'idle')
  }, 'nothing waits')
const eventsOf = (channel: string): string[] =>
  host.received.filter((one) => one.channel === channel).map(({ message }) => message.event)
const whole = ['request-opened', 'request-granted', 'window-ended']

describe('a request', () => {
  it('is heard of on every channel, in order, each alert with the number and time of its entry; the log says who took it', async () => {
    const [one, two] = [webhook('One'), webhook('Two')]
    await signAlerts(world, ready, allOver([one, two]))
    const request = await useCredential(world, ready, credential)
    await eventually(() => host.received.length === 2 * whole.length, 'all arrive')
    await waitUntilDrained()
    const entries = await log()
    for (const { id } of [one, two]) {
      expect(eventsOf(id)).toEqual(whole)
      const got = host.received.filter(({ channel }) => channel === id)
      expect(got.map(({ message }) => message.group)).toEqual([request, request, request])
      for (const { message } of got) {
        expect(message.at).toBe(entries[message.seq]?.at)
        expect(message.late).toBe(false)
        expect(message.key).toContain(`.${message.seq}.`)
      }
    }
    const delivered = entriesOf(entries, 'alert.delivered')
    expect(delivered).toHaveLength(2 * whole.length)
    expect(delivered.every(({ data }) => data.receipt === 'taken' && data.attempts === 1)).toBe(true)
    const { alerts } = await world.state()
    expect(alerts.channels.map(({ isProven }) => isProven)).toEqual([true, true])
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
  })

  it('goes on as if nothing were, while a receiver hangs and another refuses', async () => {
    const [hanging, refusing, good] = [webhook('Hanging'), webhook('Refusing'), webhook('Good')]
    await signAlerts(world, ready, allOver([hanging, refusing, good]))
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    host.answer = async ({ channel }) => {
      if (channel === hanging.id) await held
      if (channel === refusing.id) throw new HalliganError('CHANNEL_REFUSED', { status: 400 })
      return { receipt: null }
    }
    await useCredential(world, ready, credential)
    await eventually(() => eventsOf(good.id).length === whole.length, 'the good one has all')
    await eventually(
      async () => entriesOf(await log(), 'alert.failed').length === whole.length,
      'each refusal is on record once, for good',
    )
    expect(entriesOf(await log(), 'alert.failed').every(({ data }) => data.final && data.channel === refusing.id)).toBe(
      true,
    )
    expect(host.tries.filter(({ channel }) => channel === hanging.id)).toHaveLength(1)
    release()
    await waitUntilDrained()
    expect(eventsOf(hanging.id)).toEqual(whole)
  })

  it('that passes while there is no network arrives once afterwards, in order, with its true times, and says that it is late', async () => {
    const channel = webhook()
    await signAlerts(world, ready, allOver([channel]))
    host.isOffline = true
    await useCredential(world, ready, credential)
    await eventually(async () => (await world.state()).alerts.waiting === whole.length, 'three wait')
    await eventually(async () => entriesOf(await log(), 'alert.failed').length === 1, 'one failure is on record')
    const waiting = await world.call['alerts.waiting']({})
    expect(waiting.map(({ event }) => event)).toEqual(whole)
    // Through a restart, and two hours later.
    await world.close()
    clock.pass(7_200_000)
    await start()
    await eventually(async () => (await world.state()).alerts.waiting === whole.length, 'three wait still')
    host.isOffline = false
    await world.call['alerts.retry']({ channel: channel.id })
    await waitUntilDrained()
    expect(eventsOf(channel.id)).toEqual(whole)
    const entries = await log()
    for (const { message } of host.received) {
      expect(message.late).toBe(true)
      expect(message.at).toBe(entries[message.seq]?.at)
    }
    expect(entriesOf(entries, 'alert.failed')).toHaveLength(1)
    expect(entriesOf(entries, 'alert.delivered')[0]?.data.attempts).toBeGreaterThan(1)
  })
})

describe('a receiver', () => {
  it('that asks to wait is left alone for as long as it asks', async () => {
    const channel = webhook()
    await signAlerts(world, ready, allOver([channel]))
    host.answer = () => Promise.reject(new HalliganError('CHANNEL_BUSY', { retryAfterMs: 3_000_000 }))
    await world.call['alerts.test']({ channel: channel.id })
    const view = async () => (await world.state()).alerts.channels[0]
    await eventually(async () => (await view())?.state === 'waiting', 'it waits')
    expect((await view())?.problem?.code).toBe('CHANNEL_BUSY')
    expect(Date.parse((await view())?.nextAt ?? '')).toBeGreaterThanOrEqual(clock.wall() + 3_000_000)
    expect(host.tries).toHaveLength(1)
  })

  it('that nobody has heard of for 90 days, or since its settings changed, is unproven; a test alert proves it', async () => {
    const channel = webhook()
    await signAlerts(world, ready, allOver([channel]))
    const isProven = async (): Promise<boolean | undefined> => (await world.state()).alerts.channels[0]?.isProven
    await eventually(async () => (await isProven()) === false, 'the channel is there')
    await world.call['alerts.test']({ channel: null })
    await eventually(async () => (await isProven()) === true, 'proven')
    clock.pass(91 * 86_400_000)
    expect(await isProven()).toBe(false)
    expect((await world.state()).due).toContainEqual(
      expect.objectContaining({ kind: 'channel', id: channel.id, why: 'interval', isDue: true }),
    )
    await world.call['alerts.test']({ channel: channel.id })
    await eventually(async () => (await isProven()) === true, 'proven again')
    await world.close()
    await start()
    await eventually(async () => (await isProven()) === true, 'read back from the log')
    host.isOffline = true
    await signAlerts(world, ready, allOver([{ ...channel, url: 'https://elsewhere.example/' } as typeof channel]))
    await eventually(async () => (await isProven()) === false, 'other settings prove nothing')
  })

  it('that is taken out of the manifest hears of that', async () => {
    const [old, next] = [webhook('Old'), webhook('New')]
    await signAlerts(world, ready, allOver([old]))
    await signAlerts(world, ready, allOver([next]))
    await eventually(() => eventsOf(old.id).includes('manifest-changed'), 'the old one hears')
    await waitUntilDrained()
    expect(eventsOf(next.id)).toEqual([])
  })
})

describe('settings', () => {
  it.each([
    ['a path of a chat', { ...webhook(), shape: 'slack', auth: 'url' }, 'channels.0.url'],
    ['a chat without its secret', { ...webhook(), shape: 'teams', url: 'https://chat.example' }, 'channels.0.auth'],
    ['a password in an address', { ...webhook(), url: 'https://me:secret@alerts.example/' }, 'channels.0.url'],
  ])('are refused with %s', async (_, channel, field) => {
    await expect(world.call['alerts.set'](allOver([channel as never]))).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      detail: { field: `alerts.${field}` },
    })
  })

  it('are refused when a route names what is not there, or a name stands twice', async () => {
    const channel = webhook()
    const refused = (field: string): unknown =>
      expect.objectContaining({ code: 'POLICY_INVALID', detail: expect.objectContaining({ field }) as unknown })
    await expect(
      world.call['alerts.set']({
        channels: [channel],
        routes: [{ safe: null, severity: 'info', channels: [webhook().id] }],
      }),
    ).rejects.toEqual(refused('alerts.routes.0.channels'))
    await expect(
      world.call['alerts.set']({
        channels: [channel],
        routes: [{ safe: webhook().id, severity: 'info', channels: [channel.id] }],
      }),
    ).rejects.toEqual(refused('alerts.routes.0.safe'))
    await expect(world.call['alerts.set'](allOver([channel, webhook('operations')]))).rejects.toEqual(
      refused('alerts.channels.1.name'),
    )
  })
})

/** What is overdue is said once a day: an entry of a real vault process, and an alert at a real receiver over TLS. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../build/run-command.ts'
import { createDueWatch, type DueWatchMeans } from '../../../electron/vault/alerts/due-watch.ts'
import { createWebhookChannel } from '../../../electron/courier/channels/webhook.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { AlertMessage, ChannelOf } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { entriesOf, readEntries } from '../../e2e/journey/log.ts'
import { allOver, createAlertHost, signAlerts, webhook, type AlertHost } from '../../support/alert-host.ts'
import { startAlertReceiver, type AlertReceiver } from '../../support/servers/alert-receiver.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import { makePlan, openRequest, seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { eventually, type World } from '../../support/vault-world.ts'
import { createHandTimers, type HandTimers } from '../sync/hand-timers.ts'

const hour = 3_600_000
const day = 24 * hour
let place: Place
let clock: HandClock
let timers: HandTimers
let host: AlertHost
let world: World
let ready: ReadyWorld

async function start(): Promise<void> {
  timers = createHandTimers()
  world = openWorld(place, clock, host.serve, timers)
  await world.state()
}
async function restart(): Promise<void> {
  await world.close()
  await start()
}
/** Time goes by, and it has looked. */
async function pass(ms: number): Promise<void> {
  clock.pass(ms)
  await look(ms)
}
async function look(ms: number): Promise<void> {
  const steps = Math.max(1, Math.floor(ms / hour))
  for (let step = 0; step < steps; step++) {
    timers.pass(Math.min(ms, hour))
    await eventually(() => timers.pending() === 1, 'it has looked')
  }
}
const noticed = async (): Promise<readonly Extract<Entry, { type: 'due.noticed' }>[]> =>
  entriesOf(await readEntries(place.dir), 'due.noticed')
const count = async (): Promise<number> => (await noticed()).length

beforeEach(async () => {
  place = makePlace()
  clock = createHandClock()
  host = createAlertHost()
  await start()
  ready = await setUp(world)
})
afterEach(async () => {
  await world.close()
  place.remove()
})

describe('what is overdue', () => {
  it('is said once a day for as long as it is, over restarts too, and not before the second day', async () => {
    await pass(5000)
    await pass(day - 2 * hour)
    expect(await count()).toBe(0)
    await pass(2 * hour)
    expect(await count()).toBe(1)
    const [first] = await noticed()
    const everybody = [...ready.custodians.map(({ name }) => `drill-person ${name}`), 'drill-safe Safe one']
    expect(first?.data.total).toBe(everybody.length)
    expect(first?.data.items.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(everybody.sort())
    expect(first?.actor).toEqual({ kind: 'station' })
    await pass(day - 2 * hour)
    await restart()
    await pass(5000)
    await restart()
    await pass(hour - 5000)
    expect(await count()).toBe(1)
    await pass(hour)
    expect(await count()).toBe(2)
    await restart()
    await pass(3 * day)
    expect(await count()).toBe(3)
    await pass(day)
    expect(await count()).toBe(4)
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
  })

  it('is what was due for a day: an opened credential, most urgent first; a vault that is being set up owes nothing', async () => {
    const credential = await seal(world, ready)
    await useCredential(world, ready, credential)
    await pass(2 * day)
    const [only] = await noticed()
    expect(
      only?.data.items
        .slice(0, 2)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['classify', 'rotate'])
    const other = makePlace()
    const otherTimers = createHandTimers()
    const fresh = openWorld(other, clock, undefined, otherTimers)
    await fresh.call['setup.begin']({ vaultName: 'Another', stationName: 'Desk' })
    await fresh.call['setup.plan'](makePlan().plan)
    clock.pass(9 * day)
    otherTimers.pass(5000)
    await eventually(() => otherTimers.pending() === 1, 'it has looked')
    await fresh.close()
    expect(entriesOf(await readEntries(other.dir), 'due.noticed')).toEqual([])
    other.remove()
  })

  it('waits for what runs', async () => {
    const credential = await seal(world, ready)
    const job = await openRequest(world, ready, credential)
    clock.pass(2 * day)
    timers.pass(5000)
    await eventually(() => timers.pending() === 1, 'it has looked')
    expect(await count()).toBe(0)
    await world.call['operation.cancel']({ operation: job.operation })
    await eventually(async () => (await world.state()).operation === null, 'over')
    timers.pass(60_000)
    await eventually(async () => (await count()) === 1, 'said')
  })
})

it('of a damaged vault is not said; it is looked at again later', async () => {
  const own = createHandTimers()
  const asked: string[] = []
  const watch = createDueWatch({
    integrity: { requireIntact: () => Promise.reject(new HalliganError('VAULT_DAMAGED')) },
    overdue: () => asked.push('overdue'),
    isBusy: () => false,
    context: { clock, log: { append: () => asked.push('append') } },
    timers: own,
  } as unknown as DueWatchMeans)
  for (let hours = 0; hours < 3; hours++) {
    own.pass(hour)
    await eventually(() => own.pending() === 1, 'it has looked')
  }
  expect(asked).toEqual([])
  watch.stop()
  expect(own.pending()).toBe(0)
})

describe('a wall clock that is moved', () => {
  it('makes no flood', async () => {
    await pass(2 * day)
    expect(await count()).toBe(1)
    for (let turn = 0; turn < 12; turn++) {
      clock.jumpWall(turn % 2 === 0 ? 400 * day : -400 * day)
      await pass(hour)
    }
    expect(await count()).toBeLessThanOrEqual(1 + 12 / 6)
  })

  it('far into the future and back, while the app is closed, does not silence it', async () => {
    await pass(2 * day)
    await world.close()
    clock.jumpWall(400 * day)
    await start()
    await pass(5000)
    expect(await count()).toBe(2)
    await world.close()
    clock.jumpWall(-400 * day)
    await start()
    await pass(5000)
    expect(await count()).toBe(3)
  })

  it('back again and again by less than a day does not silence it', async () => {
    await pass(2 * day)
    for (let turn = 0; turn < 4; turn++) {
      await pass(12 * hour)
      clock.jumpWall(-12 * hour)
    }
    expect(await count()).toBe(3)
  })
})

describe.skipIf(!hasCommand('openssl'))('the alert about it', () => {
  const folder = makeServerFolder('certificates')
  let receiver: AlertReceiver
  let hook: ChannelOf<'webhook'>
  beforeEach(async () => {
    const authority = createAuthority(folder.dir)
    receiver = await startAlertReceiver(authority.sign('server', { name: 'localhost' }))
    hook = { ...(webhook() as ChannelOf<'webhook'>), url: `${receiver.origin}/alerts`, ca: authority.ca }
    host.answer = async ({ message }) => {
      const channel = createWebhookChannel(hook, {})
      const receipt = await channel.send(message)
      channel.close()
      return { receipt }
    }
  })
  afterEach(async () => {
    await receiver.stop()
    folder.remove()
  })
  const alerts = (): AlertMessage[] =>
    receiver.received.map(({ body }) => body as AlertMessage).filter(({ event }) => event === 'overdue')

  it('arrives once, says what and since when, and again the next day, after a restart', async () => {
    await signAlerts(world, ready, {
      ...allOver([hook]),
      routes: [{ safe: null, severity: 'warning', channels: [hook.id] }],
    })
    await pass(day + hour)
    await eventually(() => alerts().length === 1, 'it arrives')
    const [alert] = alerts()
    expect(alert).toMatchObject({ severity: 'warning', action: 'trigger', late: false })
    expect(alert?.title).toMatch(/^Overdue: “.+” and \d more\.$/)
    const lines = alert?.lines.map(({ label, value }) => `${label}: ${value}`)
    expect(lines).toContain('To drill: Safe one, since 2026-11-23')
    expect(lines).toContain('To test a key: Custodian 2, since 2026-11-23')
    expect(lines).toContain('To test an alert channel: Operations, since 2026-11-23')
    await eventually(async () => (await world.state()).alerts.waiting === 0, 'on record')
    await restart()
    await pass(5000)
    await pass(hour)
    expect(await count()).toBe(1)
    await pass(day)
    await eventually(() => alerts().length === 2, 'the next day')
    expect(alerts()[1]?.lines.some(({ label }) => label === 'To test an alert channel')).toBe(false)
    expect(alerts()[1]?.group).toBe(alert?.group)
    expect(alerts()[1]?.key).not.toBe(alert?.key)
    expect(await count()).toBe(2)
  })
})

/**
 * The vault process is killed between queue and send, and between send and note: every alert arrives all the same, and what
 * arrives twice has the same key, by which a receiver folds it.
 */
import { cpSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import { entriesOf, readEntries, readRows } from '../../e2e/journey/log.ts'
import { allOver, createAlertHost, signAlerts, webhook, type AlertHost } from '../../support/alert-host.ts'
import { bundleVault, type VaultProgram } from '../../support/forked-vault.ts'
import { makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { setUp } from '../../support/vault-steps.ts'
import { createWorld, eventually, type World } from '../../support/vault-world.ts'
import { mulberry32 } from './seeded-random.ts'

const rounds = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 60 : 4
const alertsEach = 6

let program: VaultProgram
let origin: Place
const channel = webhook()

beforeAll(async () => {
  program = bundleVault()
  origin = makePlace()
  const world = openWorld(origin, systemClock)
  const ready = await setUp(world)
  await signAlerts(world, ready, allOver([channel]))
  await world.close()
})
afterAll(() => {
  program.remove()
  origin.remove()
})

async function startForked(place: Place, host: AlertHost): Promise<World> {
  const link = program.start({ dir: place.dir, knownCheckpointFile: null })
  const world = createWorld(link, (hub) => host.serve(hub, link))
  await world.state()
  return world
}

const testOnce = (world: World): Promise<unknown> => world.call['alerts.test']({ channel: channel.id })

/** Whatever happened: each test alert that is in the log has arrived, and what arrived twice can be told by its key. */
async function expectAllArrived(place: Place, host: AlertHost): Promise<void> {
  const world = await startForked(place, host)
  try {
    await eventually(async () => {
      const rows = await readRows<{ n: number }>(place.dir, 'SELECT COUNT(*) AS n FROM alert_outbox')
      return rows[0]?.n === 0
    }, 'the outbox is empty')
    const entries = await readEntries(place.dir)
    const tests = entriesOf(entries, 'alert.test').map(({ seq }) => seq)
    const first = [...new Map(host.received.map(({ message }) => [message.key, message.seq])).values()]
    expect(first).toEqual(tests)
    const noted = entriesOf(entries, 'alert.delivered').map(({ data }) => data.cause)
    expect(noted).toEqual(tests)
  } finally {
    await world.close()
  }
  expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
}

async function inCopy(work: (place: Place, host: AlertHost) => Promise<void>): Promise<void> {
  const place = makePlace()
  cpSync(origin.dir, place.dir, { recursive: true })
  try {
    await work(place, createAlertHost())
  } finally {
    place.remove()
  }
}

describe('kill -9', () => {
  it('between queue and send: it is sent by the next process', () =>
    inCopy(async (place, host) => {
      host.isOffline = true
      const world = await startForked(place, host)
      await testOnce(world)
      await world.link.kill()
      world.disconnect()
      expect(host.received).toEqual([])
      host.isOffline = false
      await expectAllArrived(place, host)
      expect(host.received).toHaveLength(1)
    }))

  it('between send and note: it is sent again, with the same key', () =>
    inCopy(async (place, host) => {
      const world = await startForked(place, host)
      let took = false
      // It has it, and its answer never comes back.
      host.answer = async (tried) => {
        host.received.push(tried)
        took = true
        return new Promise(() => undefined)
      }
      await testOnce(world)
      await eventually(() => took, 'the receiver has it')
      await world.link.kill()
      world.disconnect()
      host.answer = async () => ({ receipt: null })
      await expectAllArrived(place, host)
      expect(host.received).toHaveLength(2)
      expect(new Set(host.received.map(({ message }) => message.key)).size).toBe(1)
    }))

  it('at any time while alerts are queued and sent: all arrive, in order', async () => {
    const random = mulberry32(90210)
    for (let round = 0; round < rounds; round++) {
      await inCopy(async (place, host) => {
        const world = await startForked(place, host)
        const asked = Promise.all(Array.from({ length: alertsEach }, () => testOnce(world).catch(() => undefined)))
        await new Promise((resolve) => setTimeout(resolve, random() * 400))
        await world.link.kill()
        world.disconnect()
        void asked
        await expectAllArrived(place, host)
      })
    }
  })
}, 120_000)

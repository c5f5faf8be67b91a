/** What main and the courier do for alerts, in a test: receivers in the test's hand behind the real contracts. */
import {
  alertHostContract,
  courierAlertContract,
  courierContract,
  courierHostContract,
} from '../../shared/contracts/courier.ts'
import { createHub, type Hub } from '../../shared/contracts/contract.ts'
import type { AlertMessage, AlertSettings, ChannelSettings } from '../../shared/domain/alert.ts'
import { HalliganError } from '../../shared/errors.ts'
import { firstKeyOf, jobOf, type ReadyWorld } from './vault-steps.ts'
import { makeTap, newId, outcomeOf, type VaultLink, type World } from './vault-world.ts'

export interface Received {
  readonly channel: string
  readonly message: AlertMessage
}

export interface AlertHost {
  /** For `createWorld`. */
  readonly serve: (hub: Hub, link: VaultLink) => void
  /** Everything that was taken, in order, also what was taken twice. */
  readonly received: Received[]
  readonly notified: { title: string; body: string; sound: boolean }[]
  /** Tries, whatever came of them. */
  readonly tries: Received[]
  /** What a receiver answers; until it resolves the try is under way. The default takes everything. */
  answer: (tried: Received) => Promise<{ receipt: string | null }>
  isOffline: boolean
}

export function createAlertHost(): AlertHost {
  const host: AlertHost = {
    received: [],
    notified: [],
    tries: [],
    isOffline: false,
    answer: async () => ({ receipt: 'taken' }),
    serve: (hub, link) => {
      hub.serve(courierHostContract, {
        startCourier: () => {
          const courier = createHub(link.openPort('courier', null))
          courier.serve(courierContract, {
            configure: () => ({}),
            head: () => ({ head: null }),
            deliver: () => ({}),
            reset: () => ({}),
          })
          courier.serve(courierAlertContract, {
            channels: () => ({}),
            resetChannel: () => ({}),
            alert: async (tried) => {
              host.tries.push(tried)
              if (host.isOffline) throw new HalliganError('CHANNEL_UNREACHABLE')
              const answer = await host.answer(tried)
              host.received.push(tried)
              return answer
            },
          })
          return {}
        },
        keptSecrets: () => ({ kept: [] }),
        keepSecret: () => ({}),
      })
      hub.serve(alertHostContract, {
        keptSecrets: () => ({ kept: [] }),
        keepSecret: () => ({}),
        notify: (notification) => {
          host.notified.push(notification)
          return {}
        },
      })
    },
  }
  return host
}

export const webhook = (name = 'Operations', id = newId()): ChannelSettings => ({
  id,
  name,
  kind: 'webhook',
  shape: 'generic',
  url: 'https://alerts.example/hook',
  auth: 'none',
})

/** Everything, over all of these. */
export const allOver = (channels: ChannelSettings[]): AlertSettings => ({
  channels,
  routes: [{ safe: null, severity: 'info', channels: channels.map(({ id }) => id) }],
})

/** A quorum signs who is alerted. */
export async function signAlerts(world: World, ready: ReadyWorld, alerts: AlertSettings): Promise<void> {
  await world.call['alerts.set'](alerts)
  const { call, job, die } = world.strongroom()
  const { next } = jobOf(await job(), 'amend')
  for (const person of ready.custodians.slice(0, ready.plan.quorum)) {
    await call.manifestSigned({ tap: makeTap(person, firstKeyOf(person), 'manifest', next) })
  }
  await call.ended({ result: 'done', code: null })
  die()
  const outcome = await outcomeOf(world)
  if (outcome.result !== 'done') throw new Error(`not signed: ${JSON.stringify(outcome)}`)
}

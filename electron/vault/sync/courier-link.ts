/** The way to the courier process: asked for when something is to be delivered, asked for again when it has died. */
import { courierAlertContract, courierContract, type courierHostContract } from '../../../shared/contracts/courier.ts'
import { createHub, type Client } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import type { ChannelSettings } from '../../../shared/domain/alert.ts'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { CourierClient } from './sink-worker.ts'
import type { Timers } from './timers.ts'

const startMs = 15_000

export type AlertCourier = Client<typeof courierAlertContract>

/** One process, one port: what it does for sinks, and what for alerts. */
interface Both {
  readonly sinks: CourierClient
  readonly alerts: AlertCourier
}

interface Channels {
  readonly vault: string
  readonly channels: ChannelSettings[]
}

export interface CourierLink {
  /** @throws HalliganError PORT_CLOSED when it does not come up; whoever asked waits and asks again */
  readonly connect: () => Promise<CourierClient>
  /** As {@link CourierLink.connect}, for alerts. */
  readonly connectAlerts: () => Promise<AlertCourier>
  /** The port that main hands over after it was asked. */
  readonly accept: (port: Port) => void
  /** Other sinks, or other settings. */
  readonly configure: (sinks: readonly SinkSettings[]) => Promise<void>
  readonly configureChannels: (channels: Channels) => Promise<void>
  readonly close: () => void
}

export function createCourierLink(
  host: Pick<Client<typeof courierHostContract>, 'startCourier'>,
  timers: Timers,
): CourierLink {
  let sinks: readonly SinkSettings[] = []
  let channels: Channels | null = null
  let connecting: Promise<Both> | null = null
  let close: (() => void) | null = null
  let handOver: ((port: Port) => void) | null = null

  /** The next port that main hands over. */
  async function awaitPort(): Promise<Port> {
    let cancel = (): void => undefined
    try {
      return await new Promise<Port>((resolve, reject) => {
        handOver = resolve
        cancel = timers.after(startMs, () => reject(new HalliganError('PORT_CLOSED')))
        host.startCourier({}).catch(reject)
      })
    } finally {
      cancel()
      handOver = null
    }
  }

  async function start(): Promise<Both> {
    const hub = createHub(await awaitPort())
    try {
      const { call } = hub.connect(courierContract, {})
      const { call: alerts } = hub.connect(courierAlertContract, {})
      await call.configure({ sinks: [...sinks] })
      if (channels !== null) await alerts.channels(channels)
      close = () => hub.close()
      // From here on its end means that the next one to ask starts a new one.
      hub.onClose(forget)
      return { sinks: call, alerts }
    } catch (error) {
      hub.close()
      throw error
    }
  }

  function forget(): void {
    connecting = null
    close = null
  }

  const connect = (): Promise<Both> =>
    (connecting ??= start().catch((error: unknown) => {
      forget()
      throw new HalliganError('PORT_CLOSED', {}, error)
    }))

  return {
    connect: async () => (await connect()).sinks,
    connectAlerts: async () => (await connect()).alerts,
    accept: (port) => {
      // Nobody asked for this one.
      if (handOver === null) port.close()
      else handOver(port)
    },
    configure: async (next) => {
      sinks = next
      const connected = await connecting?.catch(() => undefined)
      await connected?.sinks.configure({ sinks: [...next] }).catch(() => undefined)
    },
    configureChannels: async (next) => {
      channels = next
      const connected = await connecting?.catch(() => undefined)
      await connected?.alerts.channels(next).catch(() => undefined)
    },
    close: () => close?.(),
  }
}

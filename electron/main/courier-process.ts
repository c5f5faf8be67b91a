/**
 * The courier process: started when the vault process has something to deliver, started again when it asks again. It gets the
 * secrets of this vault's sinks and alert channels before it gets anything to deliver, and no other vault's.
 */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron'
import { createHub, type Client, type Handlers } from '../../shared/contracts/contract.ts'
import {
  alertControlContract,
  courierControlContract,
  type alertHostContract,
  type courierHostContract,
} from '../../shared/contracts/courier.ts'
import { killProcess } from './process-end.ts'
import type { StationSecrets } from './station-secrets.ts'
import { fromUtilityProcess } from './utility-port.ts'

export interface CourierSurroundings {
  readonly forkProcess: () => UtilityProcess
  readonly secrets: StationSecrets
  /** Hands a port to the vault process. */
  readonly giveToVault: (port: MessagePortMain) => void
}

export interface CourierProcess {
  /** What the vault process may ask. It paces itself: this starts a courier as often as it is asked to. */
  readonly host: Handlers<typeof courierHostContract>
  readonly alertSecrets: Pick<Handlers<typeof alertHostContract>, 'keptSecrets' | 'keepSecret'>
  /** Ends it at once: what a sink has not acknowledged is delivered again. */
  readonly close: () => void
}

interface Running {
  readonly child: UtilityProcess
  readonly control: Client<typeof courierControlContract>
  readonly alerts: Client<typeof alertControlContract>
}

/** Starts nothing yet. */
export function createCourierProcess(surroundings: CourierSurroundings): CourierProcess {
  const { forkProcess, secrets, giveToVault } = surroundings
  let running: Running | null = null
  /** The one that is open, once the vault process has named it. */
  let open: string | null = null

  function close(): void {
    const pid = running?.child.pid
    running = null
    if (pid !== undefined) killProcess(pid)
  }

  async function tellSecrets({ control, alerts }: Running): Promise<void> {
    if (open === null) return
    const vault = open
    const sinks = secrets.drawer('sink', vault).reveal()
    const channels = secrets.drawer('channel', vault).reveal()
    await Promise.all([
      control.secrets({ secrets: sinks.map(({ owner: sink, ...rest }) => ({ sink, ...rest })) }),
      alerts.secrets({ secrets: channels.map(({ owner: channel, ...rest }) => ({ vault, channel, ...rest })) }),
    ])
  }

  /** To the courier that runs, if one does. One that is gone meanwhile is told when it is started again. */
  async function spread(): Promise<void> {
    if (running !== null) await tellSecrets(running).catch(() => undefined)
  }

  /** `vault` is what is open. Resolves when a courier that was started before that was known has its secrets. */
  async function noteOpen(vault: string): Promise<void> {
    if (open === vault) return
    open = vault
    await spread()
  }

  async function start(): Promise<void> {
    close()
    const child = forkProcess()
    const hub = createHub(fromUtilityProcess(child))
    const started: Running = {
      child,
      control: hub.connect(courierControlContract, {}).call,
      alerts: hub.connect(alertControlContract, {}).call,
    }
    running = started
    child.once('exit', () => {
      hub.close()
      if (running === started) running = null
    })
    // What it needs to log in first: what comes to its other port may not wait for this one.
    await tellSecrets(started)
    const { port1, port2 } = new MessageChannelMain()
    child.postMessage({ port: 'courier', operation: null }, [port1])
    giveToVault(port2)
  }

  return {
    host: {
      startCourier: async () => {
        await start()
        return {}
      },
      keptSecrets: async ({ vault, sinks }) => {
        const drawer = secrets.drawer('sink', vault)
        drawer.forgetOthers(sinks)
        await noteOpen(vault)
        return { kept: drawer.list().map(({ owner: sink, ...rest }) => ({ sink, ...rest })) }
      },
      keepSecret: async ({ vault, sink: owner, settings, secret }) => {
        secrets.drawer('sink', vault).keep({ owner, settings, secret })
        open = vault
        await spread()
        return {}
      },
    },
    alertSecrets: {
      keptSecrets: async ({ vault, channels }) => {
        const drawer = secrets.drawer('channel', vault)
        drawer.forgetOthers(channels)
        await noteOpen(vault)
        return { kept: drawer.list().map(({ owner: channel, ...rest }) => ({ channel, ...rest })) }
      },
      keepSecret: async ({ vault, channel: owner, settings, secret }) => {
        secrets.drawer('channel', vault).keep({ owner, settings, secret })
        open = vault
        await spread()
        return {}
      },
    },
    close,
  }
}

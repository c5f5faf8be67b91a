/**
 * The courier process: started when the vault process has something to deliver, started again when it asks again. It gets the
 * sinks' secrets before it gets anything to deliver.
 */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron'
import { courierControlContract, type courierHostContract } from '../../shared/contracts/courier.ts'
import { createHub, type Client, type Handlers } from '../../shared/contracts/contract.ts'
import { killProcess } from './process-end.ts'
import type { SinkSecrets } from './sink-secrets.ts'
import { fromUtilityProcess } from './utility-port.ts'

export interface CourierSurroundings {
  readonly forkProcess: () => UtilityProcess
  readonly secrets: SinkSecrets
  /** Hands a port to the vault process. */
  readonly giveToVault: (port: MessagePortMain) => void
}

export interface CourierProcess {
  /** What the vault process may ask. It paces itself: this starts a courier as often as it is asked to. */
  readonly host: Handlers<typeof courierHostContract>
  /** Ends it at once: what a sink has not acknowledged is delivered again. */
  readonly close: () => void
}

interface Running {
  readonly child: UtilityProcess
  readonly control: Client<typeof courierControlContract>
}

/** Starts nothing yet. */
export function createCourierProcess(surroundings: CourierSurroundings): CourierProcess {
  const { forkProcess, secrets, giveToVault } = surroundings
  let running: Running | null = null

  function close(): void {
    const pid = running?.child.pid
    running = null
    if (pid !== undefined) killProcess(pid)
  }

  async function start(): Promise<void> {
    close()
    const child = forkProcess()
    const hub = createHub(fromUtilityProcess(child))
    const started: Running = { child, control: hub.connect(courierControlContract, {}).call }
    running = started
    child.once('exit', () => {
      hub.close()
      if (running === started) running = null
    })
    // What it needs to log in first: what comes to its other port may not wait for this one.
    await started.control.secrets({ secrets: secrets.reveal() })
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
      keptSecrets: ({ sinks }) => {
        secrets.forgetOthers(sinks)
        return { kept: secrets.list() }
      },
      keepSecret: async (kept) => {
        secrets.keep(kept)
        await running?.control.secrets({ secrets: secrets.reveal() }).catch(() => undefined)
        return {}
      },
    },
    close,
  }
}

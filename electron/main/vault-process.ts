/** The vault process: started with the app, closed with it, started again once when it dies in between. */
import type { MessagePortMain, UtilityProcess } from 'electron'
import { vaultControlContract, vaultHostContract, type PortName } from '../../shared/contracts/broker.ts'
import { alertHostContract, courierHostContract, syncControlContract } from '../../shared/contracts/courier.ts'
import { createHub, type Client, type Handlers, type Input } from '../../shared/contracts/contract.ts'
import { atMost, killProcess, waitUntilGone } from './process-end.ts'
import { fromUtilityProcess } from './utility-port.ts'

const closeTimeoutMs = 5_000
const goneTimeoutMs = 2_000

/** The one vault process there is, whichever that is now. */
export interface VaultProcess {
  givePort(name: PortName, operation: string | null, port: MessagePortMain): void
  /** Tells it that a strongroom process is gone. */
  strongroomGone(operation: string): void
  /** Tells it that somebody was turned away at the door of a tap page in the browser. */
  tapPageRefused(refused: Input<typeof vaultControlContract, 'tapPageRefused'>): void
  /** Tells it that the machine has a network again. */
  networkBack(): void
  /** Lets it write its last entry and release its lock, at most 5 s, and ends it. */
  close(): Promise<void>
}

/** What the vault process needs of the rest of main. */
export interface VaultSurroundings {
  readonly forkProcess: () => UtilityProcess
  readonly host: Handlers<typeof vaultHostContract>
  readonly courierHost: Handlers<typeof courierHostContract>
  readonly alertHost: Handlers<typeof alertHostContract>
  /**
   * It died. Resolve when everything that leaned on it is closed; then it is started again and `onRestarted` is called, or,
   * when it has died before, `onLost`.
   */
  readonly onDied: () => Promise<void>
  readonly onRestarted: () => void
  readonly onLost: () => void
}

/** Starts the vault process. */
export function startVaultProcess(surroundings: VaultSurroundings): VaultProcess {
  let hasDied = false
  let closing = false
  let child: UtilityProcess
  let control: Client<typeof vaultControlContract>
  let syncControl: Client<typeof syncControlContract>

  const handleDeath = async (): Promise<void> => {
    await surroundings.onDied()
    // Closed meanwhile: nothing is left to restart it for.
    if (closing) return
    if (hasDied) {
      surroundings.onLost()
      return
    }
    hasDied = true
    start()
    surroundings.onRestarted()
  }
  const start = (): void => {
    const started = surroundings.forkProcess()
    const hub = createHub(fromUtilityProcess(started))
    hub.serve(vaultHostContract, surroundings.host)
    hub.serve(courierHostContract, surroundings.courierHost)
    hub.serve(alertHostContract, surroundings.alertHost)
    control = hub.connect(vaultControlContract, {}).call
    syncControl = hub.connect(syncControlContract, {}).call
    child = started
    started.once('exit', () => {
      hub.close()
      if (!closing) void handleDeath()
    })
  }
  start()
  return {
    givePort: (name, operation, port) => {
      child.postMessage({ port: name, operation }, [port])
    },
    strongroomGone: (operation) => {
      // A vault process that is gone itself need not be told.
      control.strongroomGone({ operation }).catch(() => undefined)
    },
    tapPageRefused: (refused) => {
      // The door stayed shut whether or not this is recorded; one that is being restarted has no operation to record it for.
      control.tapPageRefused(refused).catch(() => undefined)
    },
    networkBack: () => {
      // One that is started after this tries its sinks and channels at once anyway.
      syncControl.online({}).catch(() => undefined)
    },
    close: async () => {
      closing = true
      await atMost(
        closeTimeoutMs,
        control.close({}).catch(() => undefined),
      )
      const { pid } = child
      if (pid === undefined) return
      killProcess(pid)
      await waitUntilGone(pid, goneTimeoutMs)
    },
  }
}

/** Taps in the system's browser: a process of its own keeps browser and loopback server, and ends with the tap. */
import type { MessagePortMain, UtilityProcess } from 'electron'
import { tapHostContract } from '../../../shared/contracts/broker.ts'
import { createHub, type Client, type EventPayload } from '../../../shared/contracts/contract.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import type { HostedPage } from '../hosted-page.ts'
import { atMost, killProcess, waitUntilGone } from '../process-end.ts'
import { fromUtilityProcess } from '../utility-port.ts'
import type { TapDriver, TapOrder } from './driver.ts'

/** A cold disk and a browser that was never started: longer than the host itself waits. */
const openTimeoutMs = 60_000
/** How long the host may take to end the browser and to remove its profile. */
const closeTimeoutMs = 6_000
const goneTimeoutMs = 3_000

type Refused = EventPayload<typeof tapHostContract, 'refused'>

/** What the driver needs of the rest of main. */
export interface BrowserSurroundings {
  readonly forkProcess: () => UtilityProcess
  /** Program of the browser to start; null: there is none. */
  readonly browser: () => string | null
  /** Folder of throw-away profiles. */
  readonly profiles: string
  /** Folder of the tap page's files. */
  readonly files: string
  /** The loopback server turned somebody away. */
  readonly onRefused: (operation: string, refused: Refused) => void
  /** A host did not end in order: what it left behind is swept up. */
  readonly sweep: () => void
}

interface TapHost {
  readonly call: Client<typeof tapHostContract>
  readonly child: UtilityProcess
  readonly exited: Promise<void>
}

function startHost(
  { operation }: TapOrder,
  surroundings: BrowserSurroundings,
  onGone: (died: boolean) => void,
): TapHost {
  const child = surroundings.forkProcess()
  const hub = createHub(fromUtilityProcess(child))
  const { call } = hub.connect(tapHostContract, {
    gone: ({ died }) => {
      onGone(died)
    },
    refused: (refused) => {
      surroundings.onRefused(operation, refused)
    },
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hub.close()
      resolve()
      onGone(true)
    })
  })
  return { call, child, exited }
}

/** Ends browser, server and host; what does not end in time is killed, and its remains are swept up. */
async function endHost({ call, child, exited }: TapHost, sweep: () => void): Promise<void> {
  const done = call.close({}).then(
    () => true,
    () => false,
  )
  const inOrder = await atMost(closeTimeoutMs, done)
  const { pid } = child
  if (pid !== undefined) killProcess(pid)
  await atMost(goneTimeoutMs, exited)
  if (pid !== undefined && !(await waitUntilGone(pid, goneTimeoutMs))) throw new HalliganError('INTERNAL')
  if (inOrder !== true) sweep()
}

/** What the host says as it is; whatever else kept the page from coming up is the browser's failure. */
function asBrowserError(error: unknown): HalliganError {
  const known = asHalliganError(error)
  return known.code.startsWith('BROWSER_') ? known : new HalliganError('BROWSER_FAILED', {}, error)
}

function openTap(order: TapOrder, surroundings: BrowserSurroundings): HostedPage {
  const browser = surroundings.browser()
  let isUp = false
  let closing: Promise<void> | undefined
  const end = (died: boolean): void => {
    if (closing !== undefined) return
    // Told when nothing of it is left: the next page may be opened at once, and must not be swept up with this one.
    // Before it is up, `givePort` says what happened.
    const tell = (): void => {
      if (isUp) order.onEnd(died)
    }
    close().then(tell, tell)
  }
  const host = browser === null ? null : startHost(order, surroundings, end)
  const close = (): Promise<void> => (closing ??= host === null ? Promise.resolve() : endHost(host, surroundings.sweep))

  const givePort = async (port: MessagePortMain): Promise<{ origin: string }> => {
    if (browser === null || host === null) throw new HalliganError('BROWSER_NOT_FOUND')
    const { title, operation } = order
    const { profiles, files } = surroundings
    host.child.postMessage({ port: 'tap', operation }, [port])
    const opened = await atMost(openTimeoutMs, host.call.open({ browser, profiles, files, title }))
    if (opened === undefined) throw new HalliganError('BROWSER_FAILED')
    isUp = true
    return opened
  }
  return {
    givePort: async (port) => {
      try {
        return await givePort(port)
      } catch (error) {
        throw asBrowserError(error)
      }
    },
    // The browser shows its window itself; how far it lets captures see is its own business.
    show: () => ({ captureProtection: 'not-supported-here' }),
    close,
  }
}

export const createBrowserDriver = (surroundings: BrowserSurroundings): TapDriver => ({
  open: (order) => openTap(order, surroundings),
})

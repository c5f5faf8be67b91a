/**
 * The strongroom processes: one for each operation, forked when it starts and gone when it ends, its pages with it. Main
 * carries ports between them and knows nothing of what is said.
 */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron'
import type { CloseReason } from '../../shared/audit/entry.ts'
import {
  strongroomControlContract,
  strongroomHostContract,
  type PageKind,
  type PortName,
} from '../../shared/contracts/broker.ts'
import { createHub, type Client, type Handlers } from '../../shared/contracts/contract.ts'
import { HalliganError } from '../../shared/errors.ts'
import type { ClipboardGuard } from './clipboard-guard.ts'
import type { HostedPage, OpenPage } from './hosted-page.ts'
import type { KnownManifests } from './known-manifest.ts'
import { atMost, killProcess, waitUntilGone } from './process-end.ts'
import { fromUtilityProcess } from './utility-port.ts'

/** How long a strongroom may take to wipe and record why it ends, before it is killed. */
const graceMs = 3_000
const goneTimeoutMs = 3_000

interface Strongroom {
  readonly child: UtilityProcess
  readonly control: Client<typeof strongroomControlContract>
  readonly pages: Map<PageKind, HostedPage>
  /** Resolves when the process and all its pages are gone. */
  readonly gone: Promise<void>
}

/** What the strongrooms need of the rest of main. */
export interface StrongroomSurroundings {
  readonly forkProcess: (operation: string) => UtilityProcess
  readonly openPage: OpenPage
  readonly clipboard: ClipboardGuard
  readonly knownManifests: KnownManifests
  /** Hands a port to the vault process. */
  readonly giveToVault: (name: PortName, operation: string, port: MessagePortMain) => void
  /** The process of that operation is gone, and its pages with it. */
  readonly onGone: (operation: string) => void
}

/** All strongroom processes there are. */
export interface Strongrooms {
  /** @throws HalliganError OPERATION_BUSY when that operation has one already. */
  start(operation: string): void
  /** Asks it to end, kills it after a grace, resolves when it is gone. Unknown operations are gone. */
  end(operation: string, reason: CloseReason): Promise<void>
  endAll(reason: CloseReason): Promise<void>
  /** True while any operation runs. */
  isAnyOpen(): boolean
}

function servePages(
  operation: string,
  child: UtilityProcess,
  pages: Map<PageKind, HostedPage>,
  onPageEnd: (page: PageKind, died: boolean) => void,
  surroundings: StrongroomSurroundings,
): Handlers<typeof strongroomHostContract> {
  const find = (page: PageKind): HostedPage => {
    const hosted = pages.get(page)
    if (hosted === undefined) throw new HalliganError(page === 'tap' ? 'TAP_WINDOW_CLOSED' : 'WINDOW_CLOSED')
    return hosted
  }
  return {
    openPage: async ({ page, show, title }) => {
      if (pages.has(page)) throw new HalliganError('OPERATION_BUSY', { page })
      const onEnd = (died: boolean): void => {
        // Closed by us meanwhile, and perhaps followed by another.
        if (pages.get(page) !== hosted) return
        pages.delete(page)
        onPageEnd(page, died)
      }
      const hosted = surroundings.openPage({ kind: page, operation, title, onEnd })
      pages.set(page, hosted)
      const { port1, port2 } = new MessageChannelMain()
      let origin: string
      try {
        ;({ origin } = await hosted.givePort(port2))
      } catch (error) {
        // A page that did not come up must not stand there without its strongroom knowing.
        if (pages.get(page) === hosted) pages.delete(page)
        await hosted.close()
        throw error
      }
      child.postMessage({ port: page, operation }, [port1])
      if (show) hosted.show()
      return { origin }
    },
    showPage: ({ page }) => find(page).show(),
    closePage: async ({ page }) => {
      const hosted = pages.get(page)
      pages.delete(page)
      await hosted?.close()
      return {}
    },
    clipboardMarked: ({ marker, clearAfterMs }) => {
      surroundings.clipboard.watch(marker, clearAfterMs)
      return {}
    },
    knownManifest: ({ vault }) => ({ known: surroundings.knownManifests.find(vault) }),
    manifestSeen: ({ vault, version, hash }) => {
      surroundings.knownManifests.see(vault, { version, hash })
      return {}
    },
  }
}

async function waitForEnd(
  exited: Promise<void>,
  pid: number | undefined,
  pages: Map<PageKind, HostedPage>,
): Promise<void> {
  await exited
  // The pages hold what the process showed them: they end with it, however it ended.
  await Promise.allSettled([...pages.values()].map((page) => page.close()))
  pages.clear()
  if (pid !== undefined) await waitUntilGone(pid, goneTimeoutMs)
}

function startStrongroom(operation: string, surroundings: StrongroomSurroundings): Strongroom {
  const child = surroundings.forkProcess(operation)
  const { port1, port2 } = new MessageChannelMain()
  const pages = new Map<PageKind, HostedPage>()
  const hub = createHub(fromUtilityProcess(child))
  const control = hub.connect(strongroomControlContract, {}).call
  const onPageEnd = (page: PageKind, died: boolean): void => {
    // A strongroom that does not answer is ended by the vault process or by its own exit.
    control.pageGone({ page, died }).catch(() => undefined)
  }
  hub.serve(strongroomHostContract, servePages(operation, child, pages, onPageEnd, surroundings))

  let pid: number | undefined
  const exited = new Promise<void>((resolve) => {
    child.once('spawn', () => (pid = child.pid))
    child.once('exit', () => {
      hub.close()
      resolve()
    })
  })
  child.postMessage({ port: 'vault', operation }, [port2])
  surroundings.giveToVault('strongroom', operation, port1)
  const gone = exited.then(() => waitForEnd(exited, pid, pages)).then(() => surroundings.clipboard.clearNow())
  return { child, control, pages, gone }
}

/** The strongroom processes of this run of the app. */
export function createStrongrooms(surroundings: StrongroomSurroundings): Strongrooms {
  const open = new Map<string, Strongroom>()

  const endOne = async (strongroom: Strongroom, reason: CloseReason): Promise<void> => {
    // The answer may never come; what counts is that the process goes.
    strongroom.control.end({ reason }).catch(() => undefined)
    // Out of sight at once: a strongroom that hangs must not keep a value on the screen while it is waited for.
    for (const page of ['seal', 'reveal'] as const)
      void strongroom.pages
        .get(page)
        ?.close()
        .catch(() => undefined)
    const isGone = await atMost(
      graceMs,
      strongroom.gone.then(() => true),
    )
    if (isGone === true) return
    const { pid } = strongroom.child
    if (pid !== undefined) killProcess(pid)
    await strongroom.gone
  }
  const end = async (operation: string, reason: CloseReason): Promise<void> => {
    const strongroom = open.get(operation)
    if (strongroom !== undefined) await endOne(strongroom, reason)
  }
  return {
    start: (operation) => {
      if (open.has(operation)) throw new HalliganError('OPERATION_BUSY')
      const strongroom = startStrongroom(operation, surroundings)
      open.set(operation, strongroom)
      void strongroom.gone.finally(() => {
        open.delete(operation)
        surroundings.onGone(operation)
      })
    },
    end,
    endAll: async (reason) => {
      await Promise.all([...open.keys()].map((operation) => end(operation, reason)))
    },
    isAnyOpen: () => open.size > 0,
  }
}

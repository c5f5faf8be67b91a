/** The tap page as the strongroom sees it: opened for one tap, closed after it, reopened when it died. */
import type { strongroomHostContract } from '../../../shared/contracts/broker.ts'
import { createHub, type Client, type Hub, type Input } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { tapContract, type TapView } from '../../../shared/contracts/tap.ts'
import { windowOrigin } from '../../../shared/domain/tap.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { Ending } from '../ending.ts'

export type TapClient = Client<typeof tapContract>

/** A page that dies more often than this in a row will not live the next time either. */
const deathsInARow = 5
/** How long to wait for main's word on a page whose port broke before opening another (ms). */
const lostMs = 1000

export interface TapPage {
  /** The client of the page that is open now; opens one when none is. Rejects when the operation ends. */
  readonly client: () => Promise<TapClient>
  /** True for the origin of the page that is open now, or was last: the only one a tap may come from. */
  readonly isOrigin: (origin: string) => boolean
  /** Closes it; the next `client` opens a fresh one. Never rejects: a page that cannot be closed is main's to kill. */
  readonly close: () => Promise<void>
  /** Feedback on the touch just made, if the page is still there. Resolves when it has been shown; never rejects. */
  readonly tell: (feedback: Input<typeof tapContract, 'feedback'>, view?: TapView) => Promise<void>
  /** Main hands over a port (one per opened page; a new one replaces the old). */
  readonly receive: (port: Port) => void
  /** The window is gone. `died`: its renderer crashed, and the next `client` opens another. */
  readonly gone: (died: boolean) => void
  /** A tap got through: forget earlier deaths. */
  readonly proved: () => void
}

/** A tap page that is not open yet. */
export function createTapPage(host: Client<typeof strongroomHostContract>, ending: Ending, title: string): TapPage {
  /** lost: the port broke without a word; main will say in a moment whether the person closed the window or it died. */
  let state: 'closed' | 'opening' | 'open' | 'lost' = 'closed'
  let hub: Hub | null = null
  let current: TapClient | null = null
  /** What main said of the page that it is opening or has opened; null until it has. */
  let origin: string | null = null
  let deaths = 0
  const waiting = new Set<(client: TapClient) => void>()

  function drop(next: typeof state): void {
    const old = hub
    hub = null
    current = null
    state = next
    old?.close()
  }

  async function open(): Promise<void> {
    const wasLost = state === 'lost'
    state = 'opening'
    origin = null
    // Main may still hold the page whose port broke.
    if (wasLost) await host.closePage({ page: 'tap' })
    const opened = await host.openPage({ page: 'tap', show: true, title })
    origin = opened.origin
    letIn()
  }

  /** Port and origin come by two ways: nobody is let in before both are here. */
  function letIn(): void {
    if (current === null || origin === null) return
    for (const take of waiting) take(current)
    waiting.clear()
  }

  function reopenWhenLost(): void {
    drop('lost')
    setTimeout(() => {
      if (state === 'lost') void open().catch(endWithoutPage)
    }, lostMs).unref()
  }

  function endWithoutPage(error?: unknown): void {
    const code = error instanceof HalliganError && error.code.startsWith('BROWSER_') ? error.code : closedCode()
    ending.end({ code, reason: 'window-closed' })
  }

  const closedCode = (): ErrorCode =>
    origin === null || origin === windowOrigin ? 'TAP_WINDOW_CLOSED' : 'BROWSER_CLOSED'

  return {
    client: () => {
      if (current !== null && origin !== null) return Promise.resolve(current)
      if (state === 'closed') void open().catch(endWithoutPage)
      return ending.orEnd(new Promise((resolve) => waiting.add(resolve)))
    },
    isOrigin: (claimed) => claimed === origin,
    close: async () => {
      if (state === 'closed') return
      drop('closed')
      await host.closePage({ page: 'tap' }).catch(() => undefined)
    },
    tell: async (feedback, view) => {
      if (view !== undefined) await current?.show(view).catch(() => undefined)
      await current?.feedback(feedback).catch(() => undefined)
    },
    receive: (port) => {
      drop('open')
      const fresh = createHub(port)
      hub = fresh
      const client = fresh.connect(tapContract, {
        cancelled: () => {
          if (hub === fresh) ending.end({ code: 'TAP_CANCELLED', reason: 'window-closed' })
        },
      }).call
      current = client
      fresh.onClose(() => {
        if (hub === fresh) reopenWhenLost()
      })
      letIn()
    },
    gone: (died) => {
      // News of a page that this process closed itself says nothing.
      if (state === 'closed') return
      deaths += 1
      drop('closed')
      if (!died || deaths > deathsInARow) endWithoutPage()
      else if (waiting.size > 0) void open().catch(endWithoutPage)
    },
    proved: () => {
      deaths = 0
    },
  }
}

/** Whether a call failed because its page is gone (the next page may do better), not because of what it answered. */
export const isPageLost = (error: unknown): boolean => error instanceof HalliganError && error.code === 'PORT_CLOSED'

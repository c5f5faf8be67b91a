/**
 * One tap host process: one page, in one browser, for one tap. It carries messages between the strongroom and the page and
 * understands none of them; what is secret in them is encrypted from end to end.
 */
import { tapHostContract } from '../../shared/contracts/broker.ts'
import { createHub, type Input } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { HalliganError } from '../../shared/errors.ts'
import { browserEnvironment, resolveBrowser } from '../platform/browsers.ts'
import { createMailbox, type ProcessEnvironment } from '../platform/ports.ts'
import { loadSodium } from '../platform/sodium.ts'
import { browserFlags } from './browser-flags.ts'
import { furnishProfile } from './fresh-profile.ts'
import { launchBrowser, type RunningBrowser } from './launch.ts'
import { openDeadEnd } from './listen.ts'
import { startLoopbackServer, type LoopbackServer } from './loopback-server.ts'
import { readPageFiles } from './page-files.ts'
import { createRefusals } from './refusals.ts'
import { createSignal } from './signal.ts'

/** From the start of the browser to the page's first word (ms). */
const comeWithinMs = 20_000
/**
 * How long after its page the browser may end for that to count as the reason (ms). On macOS a browser stays although it has no
 * window left: there the page's own last word counts, which elsewhere would also cover a page that was loaded again.
 */
const browserEndsWithinMs = 1_500

export interface TapHostOptions {
  /** How long the page may take to come (ms); tests are less patient. */
  readonly comeWithinMs?: number
}

/** What was started, each until it is taken down. */
interface Stage {
  server?: LoopbackServer
  browser?: RunningBrowser
  closeDeadEnd?: () => void
}

/** Serves {@link tapHostContract} in `environment`, and joins its port named `tap` to the page. */
export function startTapHost(environment: ProcessEnvironment, options: TapHostOptions = {}): void {
  const stage: Stage = {}
  const arrived = createSignal()
  const fromPage = createMailbox<[unknown]>()
  const control = createHub(environment.control)
  let state: 'idle' | 'opening' | 'open' | 'ended' = 'idle'
  let ending = Promise.resolve()
  let strongroom: Port | null = null

  const served = control.serve(tapHostContract, {
    open: async (input) => {
      if (state !== 'idle') throw new HalliganError('OPERATION_BUSY')
      state = 'opening'
      try {
        return { origin: await open(input) }
      } catch (error) {
        await takeDown(false)
        throw error instanceof HalliganError ? error : new HalliganError('BROWSER_FAILED', {}, error)
      }
    },
    close: async () => {
      await takeDown(true)
      return {}
    },
  })
  const refusals = createRefusals((code, count) => served.emit('refused', { code, count }))

  environment.onPort((name, _, port) => {
    if (name !== 'tap' || strongroom !== null || state === 'ended') {
      port.close()
      return
    }
    strongroom = port
    fromPage.listen((message) => port.post(message))
    // What the strongroom says before the page has come waits in the port.
    void arrived.given.then(() => port.onMessage((message) => stage.server?.send({ kind: 'message', message })))
  })

  /** @param inOrder the page is told first, and its browser may end by itself */
  function takeDown(inOrder: boolean): Promise<void> {
    state = 'ended'
    refusals.end()
    strongroom?.close()
    // One after the other: what an `open` that was overtaken still started is taken down by the last.
    ending = ending.then(async () => {
      const { server, browser, closeDeadEnd } = stage
      if (inOrder) server?.finish()
      else server?.close()
      await browser?.end({ byItself: inOrder })
      server?.close()
      closeDeadEnd?.()
      delete stage.server
      delete stage.browser
      delete stage.closeDeadEnd
    })
    return ending
  }

  function handleGone(died: boolean): void {
    if (state !== 'open') return
    void takeDown(false)
    served.emit('gone', { died })
  }

  function assertWanted(): void {
    if (state === 'ended') throw new HalliganError('CANCELLED')
  }

  async function open({ browser, profiles, files }: Input<typeof tapHostContract, 'open'>): Promise<string> {
    const program = resolveBrowser(browser)
    if (program === null) throw new HalliganError('BROWSER_NOT_FOUND')
    await loadSodium()
    const server = await startLoopbackServer(readPageFiles(files), {
      come: () => {
        if (state === 'opening') state = 'open'
        arrived.give()
      },
      message: fromPage.deliver,
      lost: (leaving) => setTimeout(handleGone, browserEndsWithinMs, !(leaving && process.platform === 'darwin')),
      refused: refusals.add,
    })
    stage.server = server
    const deadEnd = await openDeadEnd()
    stage.closeDeadEnd = deadEnd.close
    assertWanted()

    const { profile, dataDir, startPage, forgetAddress } = furnishProfile(profiles, server.address)
    const flags = browserFlags({ dataDir, startPage, deadEndPort: deadEnd.port, platform: process.platform })
    const running = launchBrowser({ program, flags, env: browserEnvironment() }, profile)
    stage.browser = running
    await untilPageComes(arrived.given, running, options.comeWithinMs ?? comeWithinMs)
    assertWanted()
    forgetAddress()
    void running.exited.then(({ failed }) => handleGone(failed))
    return server.origin
  }
}

async function untilPageComes(arrived: Promise<void>, browser: RunningBrowser, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, withinMs, 'late')
  })
  const reason = await Promise.race([arrived, browser.exited.then(() => 'exited'), late])
  clearTimeout(timer)
  if (reason !== undefined) throw new HalliganError('BROWSER_FAILED', { reason })
}

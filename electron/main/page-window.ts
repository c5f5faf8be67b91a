/** A tap, seal or reveal window: made for one step of one operation, and killed after it. */
import type { BrowserWindow, MessagePortMain } from 'electron'
import { HalliganError } from '../../shared/errors.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'
import { forbidCoreDumps } from './core-dumps.ts'
import type { HostedPage, OpenPage } from './hosted-page.ts'
import type { GivePort } from './port-handover.ts'
import { atMost, killProcess, waitUntilGone } from './process-end.ts'
import { captureProtection, createWindow, type WindowResources } from './window-factory.ts'

const readyTimeoutMs = 15_000
const goneTimeoutMs = 3_000

/** Ends a window and its renderer process. A killed process writes nothing: no cache, no crash dump, no last word. */
export async function destroyWindow(window: BrowserWindow): Promise<void> {
  if (window.isDestroyed()) return
  const pid = window.webContents.getOSProcessId()
  window.hide()
  if (pid > 0) killProcess(pid)
  window.destroy()
  if (pid > 0 && !(await waitUntilGone(pid, goneTimeoutMs))) throw new HalliganError('INTERNAL')
}

/** Hands `port` over as soon as `ready` gives the means to. */
export async function givePortWhen(
  ready: Promise<GivePort | null>,
  port: MessagePortMain,
): Promise<{ readonly origin: string }> {
  const give = await atMost(readyTimeoutMs, ready)
  if (give?.(port) !== true) throw new HalliganError('INTERNAL')
  return { origin: windowOrigin }
}

/** Opens pages as children of the app window, whichever that is then. */
export function createPageOpener(resources: WindowResources, parent: () => BrowserWindow | null): OpenPage {
  return ({ kind, title, onEnd }): HostedPage => {
    let becomeReady: (give: GivePort | null) => void = () => undefined
    const ready = new Promise<GivePort | null>((resolve) => (becomeReady = resolve))
    const window = createWindow(kind, { title, parent: parent(), manual: false, onReady: becomeReady }, resources)
    // The tap page shows nothing secret.
    if (kind !== 'tap') window.setContentProtection(true)
    window.webContents.once('dom-ready', () => {
      forbidCoreDumps(window.webContents.getOSProcessId())
    })
    let closing: Promise<void> | undefined
    const close = (): Promise<void> => {
      becomeReady(null)
      return (closing ??= destroyWindow(window))
    }
    const endFromOutside = (died: boolean): void => {
      if (closing !== undefined) return
      // Whoever listens asks again with close(), and hears of a failure there.
      close().catch(() => undefined)
      onEnd(died)
    }
    window.on('close', (event) => {
      event.preventDefault()
      endFromOutside(false)
    })
    window.webContents.on('render-process-gone', () => endFromOutside(true))
    return {
      givePort: (port) => givePortWhen(ready, port),
      show: () => {
        if (!window.isDestroyed()) {
          window.show()
          // A secret must not linger behind another window, forgotten. Some window managers forget it in hidden windows.
          if (kind === 'reveal') window.setAlwaysOnTop(true)
        }
        return { captureProtection: captureProtection() }
      },
      close,
    }
  }
}

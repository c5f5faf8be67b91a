/**
 * Development builds only: one tap window for the whole run, hidden between taps. Virtual authenticators live in their
 * page's renderer process, so tests and the demo could not keep a key from tap to tap otherwise. Its page is loaded anew
 * after each use, which ends the old document with its port; that the real tap page is killed has a test of its own.
 */
import type { BrowserWindow } from 'electron'
import type { OpenPage, PageEnd } from './hosted-page.ts'
import { givePortWhen } from './page-window.ts'
import type { GivePort } from './port-handover.ts'
import { captureProtection, createWindow, loadPage, type WindowResources } from './window-factory.ts'

/** Opens the kept window now; every tap page of the run is then it. */
export function keepTapPage(resources: WindowResources, parent: BrowserWindow): OpenPage {
  let isReady: (give: GivePort) => void = () => undefined
  let ready = new Promise<GivePort>((resolve) => (isReady = resolve))
  let onEnd: PageEnd | null = null
  const plan = { title: 'Halligan', parent, manual: true, onReady: (give: GivePort) => isReady(give) }
  const window = createWindow('tap', plan, resources)

  const renew = async (): Promise<void> => {
    onEnd = null
    if (window.isDestroyed()) return
    window.hide()
    ready = new Promise<GivePort>((resolve) => (isReady = resolve))
    await loadPage(window, 'tap', true)
  }
  window.on('close', (event) => {
    event.preventDefault()
    const end = onEnd
    void renew()
    end?.(false)
  })
  window.webContents.on('render-process-gone', () => {
    const end = onEnd
    void renew()
    end?.(true)
  })
  return ({ title, onEnd: end }) => {
    onEnd = end
    window.setTitle(title)
    return {
      givePort: (port) => givePortWhen(ready, port),
      show: () => {
        if (!window.isDestroyed()) window.show()
        return { captureProtection: captureProtection() }
      },
      close: renew,
    }
  }
}

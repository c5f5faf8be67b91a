/** The app window: everything that is not secret. It lives as long as the app. */
import type { BrowserWindow } from 'electron'
import { createWindow, loadPage, type WindowResources } from './window-factory.ts'
import type { GivePort } from './port-handover.ts'

/** A renderer that dies more often than this is not brought back. */
const maxReloads = 5

/** Events of the app window. */
export interface AppWindowListeners {
  /** The page wants its port to the vault process. */
  readonly onReady: (give: GivePort) => void
  /** The person closed it, or it cannot be kept up. */
  readonly onClose: () => void
}

/** Makes the app window and shows it as soon as it has something to show. */
export function openAppWindow(resources: WindowResources, listeners: AppWindowListeners): BrowserWindow {
  const plan = { title: 'Halligan', parent: null, manual: false, onReady: listeners.onReady }
  const window = createWindow('app', plan, resources)
  let reloads = 0
  window.once('ready-to-show', () => {
    window.show()
  })
  window.on('close', (event) => {
    // What is open is ended and recorded first; the app ends the window then.
    event.preventDefault()
    listeners.onClose()
  })
  // Windows ends the session without asking: use the moment there is.
  window.on('session-end', listeners.onClose)
  window.webContents.on('render-process-gone', () => {
    reloads++
    if (reloads > maxReloads) listeners.onClose()
    else void loadPage(window, 'app', false)
  })
  return window
}

/** Brings the window to the front, for the person who started the app a second time. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/**
 * All that a preload does: it tells main that the page is ready, and passes on the one port that main answers with. The
 * page's world is given no function and no object (control 10).
 */
import { ipcRenderer } from 'electron'

/** Forwards the port of this window's page; `window.postMessage` is how a port gets from this world to the page's. */
export function forwardPort(): void {
  // Frames get nothing, and main would not answer them.
  if (window !== window.top) return
  ipcRenderer.once('halligan-port', (event) => {
    window.postMessage('halligan-port', window.location.origin, [...event.ports])
  })
  const announce = (event: MessageEvent<unknown>): void => {
    if (event.source !== window || event.origin !== window.location.origin || event.data !== 'halligan-ready') return
    window.removeEventListener('message', announce)
    ipcRenderer.send('halligan-ready')
  }
  window.addEventListener('message', announce)
}

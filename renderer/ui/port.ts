/** How a page gets its one port: it says it is ready, and the preload hands over what main allowed. */
import type { Port } from '../../shared/contracts/port.ts'

function fromPagePort(port: MessagePort): Port {
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) => {
      port.addEventListener('message', (event) => {
        listener(event.data)
      })
      // Messages wait in the port until it is started.
      port.start()
    },
    onClose: (listener) => {
      port.addEventListener('close', listener, { once: true })
    },
    close: () => {
      port.close()
    },
  }
}

/** Calls `onPort` for every port that the preload hands to this page: one, or in a development build one per tap. */
export function receivePorts(onPort: (port: Port) => void): void {
  window.addEventListener('message', (event) => {
    // Only from this very page: a frame or another window must not be able to slip us a port.
    if (event.source !== window || event.origin !== window.location.origin) return
    const [port] = event.ports
    if (event.data !== 'halligan-port' || port === undefined) return
    onPort(fromPagePort(port))
  })
  window.postMessage('halligan-ready', window.location.origin)
}

/** When the machine has a network again. Nothing is looked up for it: the system knows. */
import { net } from 'electron'

const pollMs = 1_000

/** Calls `onOnline` each time the network has come back. */
export function watchNetwork(onOnline: () => void): void {
  let online = net.online
  setInterval(() => {
    const before = online
    ;({ online } = net)
    if (online && !before) onOnline()
  }, pollMs)
}

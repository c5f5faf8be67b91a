/** The tap page in the system's browser: the same page as in the window, on a port that reaches over loopback. */
import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/pictures.css'
import '../ui/people-list.css'
import './tap.css'
import './passphrase.css'
import './browser.css'
import { tapLoopback } from '../../shared/contracts/tap-loopback.ts'
import { mountWindow } from '../ui/mount.tsx'
import { connectLoopback } from './loopback-port.ts'
import { TapPage } from './tap-page.tsx'
import { createTapStore } from './tap-store.ts'

function takeChannel(): string {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${tapLoopback.channelMeta}"]`)
  const channel = meta?.content ?? ''
  // Whatever may look at this document later need not find it there.
  meta?.remove()
  return channel
}

// The browser lays a dialog of its own over the page as soon as a key is asked: people read first.
const store = createTapStore('first')
mountWindow(<TapPage store={store} place="browser" />)
const { port, leave } = connectLoopback({
  fetch: (input, init) => window.fetch(input, init),
  channel: takeChannel(),
  onDone: () => window.close(),
})
window.addEventListener('pagehide', leave)
store.attach(port)

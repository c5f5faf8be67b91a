import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/pictures.css'
import '../ui/markdown.css'
import './reveal.css'
import { mountWindow } from '../ui/mount.tsx'
import { receivePorts } from '../ui/port.ts'
import { RevealPage } from './reveal-page.tsx'
import { createRevealStore } from './reveal-store.ts'

// Values leave this window by the Copy button or not at all: no Ctrl+C past the policy and the log, no drag, no menu.
for (const way of ['copy', 'cut', 'dragstart', 'contextmenu'] as const) {
  document.addEventListener(way, (event) => event.preventDefault())
}

const store = createRevealStore()
mountWindow(<RevealPage store={store} />)
receivePorts(store.attach)

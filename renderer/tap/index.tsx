import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/pictures.css'
import '../ui/people-list.css'
import './tap.css'
import './passphrase.css'
import { mountWindow } from '../ui/mount.tsx'
import { receivePorts } from '../ui/port.ts'
import { TapPage } from './tap-page.tsx'
import { createTapStore } from './tap-store.ts'

const isManual = __DEV_BUILD__ && new URLSearchParams(window.location.search).has('manual')
const store = createTapStore(isManual ? 'always' : 'never')
mountWindow(<TapPage store={store} place="window" />)
receivePorts(store.attach)

import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/markdown.css'
import './seal.css'
import { mountWindow } from '../ui/mount.tsx'
import { receivePorts } from '../ui/port.ts'
import { SealPage } from './seal-page.tsx'
import { createSealStore } from './seal-store.ts'

const store = createSealStore()
mountWindow(<SealPage store={store} />)
receivePorts(store.attach)

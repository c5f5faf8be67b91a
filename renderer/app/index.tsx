import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/pictures.css'
import '../ui/people-list.css'
import './frame.css'
import './screens.css'
import './setup/setup.css'
import './timeline/timeline.css'
import './alerts/alerts.css'
import './sinks/sinks.css'
import './due/due.css'
import './ceremonies/ceremonies.css'
import './changes/changes.css'
import './keys/keys.css'
import './waiting/waiting.css'
import { mountWindow } from '../ui/mount.tsx'
import { receivePorts } from '../ui/port.ts'
import { App } from './app.tsx'
import { createAppStore } from './app-store.ts'
import { AppContext } from './use-app.ts'

const store = createAppStore()
mountWindow(
  <AppContext value={store}>
    <App />
  </AppContext>,
)
receivePorts(store.attach)

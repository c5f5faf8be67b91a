import './print.css'
import { printContract } from '../../shared/contracts/print.ts'
import { createConnection } from '../ui/connection.ts'
import { mountWindow } from '../ui/mount.tsx'
import { receivePorts } from '../ui/port.ts'
import { PrintPage } from './print-page.tsx'

const connection = createConnection(
  printContract,
  {},
  (call) => {
    void call.begin({}).then(
      (printed) => {
        document.title = titleOf(printed.document)
        mountWindow(<PrintPage printed={printed} onDrawn={() => void call.ready({}).catch(() => undefined)} />)
      },
      // Main hears nothing and says that it failed.
      () => undefined,
    )
  },
  () => undefined,
)

/** Title of the PDF. */
function titleOf(document: 'minutes' | 'script' | 'kit' | 'alert-slip'): string {
  const titles = {
    minutes: 'Minutes of a ceremony',
    script: 'Script of a ceremony',
    kit: 'Kit of a custodian',
    'alert-slip': 'Alert to hand on',
  }
  return titles[document]
}

receivePorts(connection.attach)

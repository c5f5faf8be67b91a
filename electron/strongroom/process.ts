/** Entry of the strongroom utility process. */
import { systemClock } from '../platform/clock.ts'
import { fromParentPort, type ElectronParentPort } from '../platform/ports.ts'
import { humanPauses } from './pauses.ts'
import { startStrongroom } from './strongroom.ts'

const { parentPort } = process as unknown as { readonly parentPort: ElectronParentPort }

const strongroom = startStrongroom(
  fromParentPort(parentPort, (code) => {
    process.exit(code)
  }),
  { clock: systemClock, pauses: humanPauses },
)

// Nothing is printed: a message or a stack may quote what was being worked on.
process.on('uncaughtException', strongroom.crash)
process.on('unhandledRejection', strongroom.crash)

/** Entry of the tap host utility process; under plain Node (tests) the same over the pipe of `child_process.fork`. */
import { findEnvironment } from '../platform/fork-pipe.ts'
import { startTapHost } from './tap-host.ts'

const exit = (code: number): void => {
  process.exit(code)
}

process.umask(0o077)

// Nothing is printed: a message may quote what was carried. The browser ends with this process (launch.ts).
process.on('uncaughtException', () => exit(70))
process.on('unhandledRejection', () => exit(70))

startTapHost(findEnvironment())

/** Entry of the courier utility process; under plain Node (tests) the same over the pipe of `child_process.fork`. */
import { findEnvironment } from '../platform/fork-pipe.ts'
import { startCourier } from './courier.ts'
import { createSink } from './create-sink.ts'

// Whatever a folder sink makes is its owner's alone, unless the share says otherwise.
process.umask(0o077)

const courier = startCourier(findEnvironment(), createSink)

// Nothing is printed: a message or a stack may quote a password or what a server said.
process.on('uncaughtException', courier.crash)
process.on('unhandledRejection', courier.crash)

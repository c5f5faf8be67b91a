/** Entry of the strongroom utility process; under plain Node (tests) the same over the pipe of `child_process.fork`. */
import { systemClock } from '../platform/clock.ts'
import { findEnvironment } from '../platform/fork-pipe.ts'
import { humanPauses } from './pauses.ts'
import { startStrongroom } from './strongroom.ts'

const strongroom = startStrongroom(findEnvironment(), { clock: systemClock, pauses: humanPauses })

// Nothing is printed: a message or a stack may quote what was being worked on.
process.on('uncaughtException', strongroom.crash)
process.on('unhandledRejection', strongroom.crash)

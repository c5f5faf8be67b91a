/** Entry of the vault utility process; under plain Node (tests) the same over the pipe of `child_process.fork`. */
import { z } from 'zod'
import { systemClock } from '../platform/clock.ts'
import { findEnvironment } from '../platform/fork-pipe.ts'
import { startVault } from './vault.ts'

/** The first argument, as JSON. Main writes it; a page never gets near it. */
const startOptions = z.strictObject({
  dir: z.string().min(1).max(4096),
  knownCheckpointFile: z.string().min(1).max(4096).nullable(),
  appVersion: z.string().min(1).max(80),
  programDir: z.string().min(1).max(4096).optional(),
})

const exit = (code: number): void => {
  process.exit(code)
}

// Whatever this process makes is its owner's alone, also what a library makes beside our own files.
process.umask(0o077)

// Nothing is printed: a message or a stack may quote names. The next start says that this one did not end in order.
process.on('uncaughtException', () => exit(70))
process.on('unhandledRejection', () => exit(70))

const { programDir, ...options } = startOptions.parse(JSON.parse(process.argv[2] ?? ''))
startVault(findEnvironment(), { ...options, ...(programDir === undefined ? {} : { programDir }), clock: systemClock })

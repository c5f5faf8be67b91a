/** Strongrooms as processes of their own: what main would hand over goes through the pipe of `child_process.fork`. */
import type { ChildProcess } from 'node:child_process'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import type { ProcessEnvironment } from '../../electron/platform/ports.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { bundleProgram } from './bundle-program.ts'

export interface StrongroomProgram {
  /** Starts one in the place of `environment`. */
  readonly start: (environment: ProcessEnvironment) => void
  /** All that were started, in order. */
  readonly children: readonly ChildProcess[]
  readonly remove: () => void
}

/** What one says the other hears, until one is gone. */
export function join(one: Port, other: Port): void {
  one.onMessage(other.post)
  other.onMessage(one.post)
  one.onClose(other.close)
  other.onClose(one.close)
}

/** Bundles `electron/strongroom/process.ts` for plain Node. */
export function bundleStrongroom(): StrongroomProgram {
  const { forkProgram, remove } = bundleProgram('electron/strongroom/process.ts')
  const children: ChildProcess[] = []
  return {
    start: (environment) => {
      const child = forkProgram()
      children.push(child)
      const pipe = createForkPipe(child)
      join(environment.control, pipe.control)
      environment.onPort((name, operation, port) => {
        join(port, pipe.openPort(name, operation))
      })
      child.once('exit', (code) => {
        environment.exit(code ?? 1)
      })
    },
    children,
    remove,
  }
}

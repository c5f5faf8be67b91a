/** A utility process as a port, and how we start one. */
import { utilityProcess, type UtilityProcess } from 'electron'
import type { Port } from '../../shared/contracts/port.ts'
import { createMailbox } from '../platform/ports.ts'

/** What a process of ours may see of the environment: where temporary files go, and what Windows needs to load libraries. */
const passedOn = ['TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'windir']

function chosenEnvironment(): Record<string, string> {
  // NODE_OPTIONS and the like stay behind; on Linux Chromium's zygote adds its own environment, so there the fuses must hold.
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/**
 * Starts `modulePath` as a utility process. Its output is ours in development and nobody's in a release.
 * @param env its whole environment; one that starts a program with a screen needs more than the others
 */
export function forkUtility(
  modulePath: string,
  args: readonly string[],
  serviceName: string,
  env: Readonly<Record<string, string>> = chosenEnvironment(),
): UtilityProcess {
  return utilityProcess.fork(modulePath, [...args], {
    serviceName,
    env: { ...env },
    execArgv: [],
    stdio: __DEV_BUILD__ ? 'inherit' : 'ignore',
  })
}

/** The control port between main and `child`; it closes when the process ends. */
export function fromUtilityProcess(child: UtilityProcess): Port {
  const messages = createMailbox<[unknown]>()
  const closes = createMailbox<[]>()
  child.on('message', (message: unknown) => {
    messages.deliver(message)
  })
  child.on('exit', () => {
    closes.deliver()
  })
  return {
    post: (message) => {
      child.postMessage(message)
    },
    onMessage: messages.listen,
    onClose: closes.listen,
    close: () => undefined,
  }
}

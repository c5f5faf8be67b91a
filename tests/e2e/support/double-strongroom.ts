/** Stands in for a strongroom process: obeys what the vault double passes on, greets each page it is given. */
import { strongroomControlContract, strongroomHostContract } from '../../../shared/contracts/broker.ts'
import { createHub } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { fromParentPort, type ElectronParentPort } from '../../../electron/platform/ports.ts'
import { settle, type Event, type Numbered } from './double-commands.ts'

const { parentPort } = process as unknown as { readonly parentPort: ElectronParentPort }
const environment = fromParentPort(parentPort, (code) => process.exit(code))
const hub = createHub(environment.control)
const host = hub.connect(strongroomHostContract, {}).call as unknown as Record<
  string,
  (input: unknown) => Promise<unknown>
>
let vault: Port | null = null
let isStubborn = false

const tell = (event: string, data: unknown): void => {
  const happened: Event = { from: 'strongroom', event, data }
  vault?.post(happened)
  process.stderr.write(`double ${JSON.stringify(happened)}\n`)
}

hub.serve(strongroomControlContract, {
  end: (input) => {
    tell('end', input)
    // A real one has a last call to make first.
    if (!isStubborn) setTimeout(() => process.exit(0), 20)
    return {}
  },
  pageGone: (input) => {
    tell('pageGone', input)
    return {}
  },
})

async function obey({ number, command }: Numbered): Promise<void> {
  if (command.as !== 'strongroom') return
  if ('exit' in command) process.exit(command.exit)
  if ('stubborn' in command) {
    isStubborn = true
    vault?.post({ number, output: null })
  } else if ('raw' in command) environment.control.post(command.raw)
  else
    vault?.post(
      await settle(number, () =>
        (host[command.call] ?? (() => Promise.reject(new Error('no such call'))))(command.input),
      ),
    )
}

environment.onPort((name, _operation, port) => {
  if (name === 'vault') {
    vault = port
    port.onMessage((message) => void obey(message as Numbered))
    tell('started', { pid: process.pid })
    return
  }
  port.onMessage((message) => tell('page', { page: name, message }))
  port.onClose(() => tell('pagePortClosed', { page: name }))
  port.post({ hello: name })
})

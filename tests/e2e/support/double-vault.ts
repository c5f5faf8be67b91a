/** Stands in for the vault process: obeys the page, passes on what main says. */
import { vaultControlContract, vaultHostContract } from '../../../shared/contracts/broker.ts'
import { createHub } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { fromParentPort, type ElectronParentPort } from '../../../electron/platform/ports.ts'
import { settle, type Event, type Numbered } from './double-commands.ts'

const { parentPort } = process as unknown as { readonly parentPort: ElectronParentPort }
const environment = fromParentPort(parentPort, (code) => process.exit(code))
const hub = createHub(environment.control)
const host = hub.connect(vaultHostContract, {}).call as unknown as Record<string, (input: unknown) => Promise<unknown>>
const strongrooms = new Map<string, Port>()
let page: Port | null = null

const tell = (event: string, data: unknown): void => {
  const happened: Event = { from: 'vault', event, data }
  page?.post(happened)
  process.stderr.write(`double ${JSON.stringify(happened)}\n`)
}

hub.serve(vaultControlContract, {
  strongroomGone: (input) => {
    tell('strongroomGone', input)
    return {}
  },
  tapPageRefused: (input) => {
    tell('tapPageRefused', input)
    return {}
  },
  close: (input) => {
    tell('close', input)
    return {}
  },
})

async function obey({ number, command }: Numbered): Promise<void> {
  if (command.as === 'strongroom') {
    strongrooms.get(command.operation)?.post({ number, command })
    return
  }
  if ('exit' in command) process.exit(command.exit)
  if ('raw' in command) {
    environment.control.post(command.raw)
    return
  }
  page?.post(
    await settle(number, () =>
      (host[command.call] ?? (() => Promise.reject(new Error('no such call'))))(command.input),
    ),
  )
}

environment.onPort((name, operation, port) => {
  if (name === 'app') {
    page = port
    port.onMessage((message) => void obey(message as Numbered))
    tell('arguments', process.argv.slice(2))
  } else if (operation !== null) {
    strongrooms.set(operation, port)
    port.onMessage((message) => page?.post(message))
    port.onClose(() => tell('strongroomPortClosed', { operation }))
  }
})

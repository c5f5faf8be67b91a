/**
 * The vault process with a strongroom in the test's hand: real ports, real security-key signatures, no real secrets (boxes
 * and wraps are random bytes: the vault never opens them). In this thread, or as a forked process that can be killed.
 */
import { randomBytes } from 'node:crypto'
import { createMailbox, type ProcessEnvironment } from '../../electron/platform/ports.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import { challengeOf } from '../../shared/audit/tap.ts'
import { appContract, type AppState } from '../../shared/contracts/app.ts'
import { vaultControlContract, vaultHostContract, type PortName } from '../../shared/contracts/broker.ts'
import { createHub, type Client, type Hub } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { strongroomContract, type Job } from '../../shared/contracts/strongroom.ts'
import { rpId, windowOrigin, type Tap } from '../../shared/domain/tap.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { createPipe } from './node-app.ts'
import type { SoftwareKey } from './software-key.ts'
import { windowPlace } from './window-place.ts'

export const newId = (): string => toBase64Url(randomBytes(16))
export const random = (length: number): string => toBase64Url(randomBytes(length))

export interface WorldPerson {
  readonly id: string
  readonly name: string
  readonly keys: readonly SoftwareKey[]
}

/** A tap of `person` with `key` on a statement, or on bytes that are the challenge already. */
export function makeTap(
  person: { readonly id: string },
  key: SoftwareKey,
  purpose: 'request' | 'act' | 'joint' | 'manifest',
  statement: unknown,
): Tap {
  const challenge = challengeOf(nodePrimitives, purpose, statement)
  const { authenticatorData, clientDataJSON, signature } = key.assert({ challenge, origin: windowOrigin, rpId })
  return {
    person: person.id,
    key: key.credentialId,
    assertion: {
      authenticatorData: toBase64Url(authenticatorData),
      clientDataJSON: toBase64Url(clientDataJSON),
      signature: toBase64Url(signature),
    },
  }
}

/** How a vault process is reached, wherever it runs. */
export interface VaultLink {
  readonly control: Port
  readonly openPort: (name: PortName, operation: string | null) => Port
  /** For a forked one: SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>
}

/** The vault in this thread. `start` gets the environment that a process would have. */
export function linkInProcess(start: (environment: ProcessEnvironment) => unknown): VaultLink {
  const [inside, outside] = createPipe()
  const ports = createMailbox<[PortName, string | null, Port]>()
  start({ control: inside, onPort: ports.listen, exit: () => undefined })
  return {
    control: outside,
    openPort: (name, operation) => {
      const [theirs, ours] = createPipe()
      ports.deliver(name, operation, theirs)
      return ours
    },
    kill: () => Promise.resolve(),
  }
}

/** The strongroom's end of its port, driven by the test. */
export interface FakeStrongroom {
  readonly operation: string
  readonly call: Client<typeof strongroomContract>
  readonly job: () => Promise<Job>
  /** Codes that the vault has sent to end it. */
  readonly ends: readonly ErrorCode[]
  /** The port closes without a word; main says that the process is gone. */
  readonly die: () => void
}

export interface World {
  readonly call: Client<typeof appContract>
  readonly control: Client<typeof vaultControlContract>
  readonly link: VaultLink
  readonly state: () => Promise<AppState>
  readonly events: { readonly changed: AppState[]; readonly appended: number[]; readonly progress: number[] }
  /** The strongroom of the operation started last. */
  readonly strongroom: () => FakeStrongroom
  /** Reasons with which the vault asked main to end a strongroom. */
  readonly endsAsked: string[]
  readonly host: {
    chooseFolder: () => string | null | Promise<string | null>
    refuseStart: boolean
    answerEnd: boolean
  }
  /** Orderly end. */
  readonly close: () => Promise<void>
  readonly disconnect: () => void
}

/** Connects main's and the app window's sides to a vault process. */
export function createWorld(link: VaultLink, serveMore: (hub: Hub) => void = () => undefined): World {
  const hub: Hub = createHub(link.control)
  // Before anything is awaited: a call that finds no receiver is lost.
  serveMore(hub)
  let strongroom: FakeStrongroom | null = null
  const endsAsked: string[] = []
  const host: World['host'] = { chooseFolder: () => null, refuseStart: false, answerEnd: true }

  function startStrongroom(operation: string): void {
    const port = link.openPort('strongroom', operation)
    const ends: ErrorCode[] = []
    const own = createHub(port)
    const { call } = own.connect(strongroomContract, { end: ({ code }) => ends.push(code) })
    const die = (): void => {
      own.close()
      void control.strongroomGone({ operation }).catch(() => undefined)
    }
    strongroom = { operation, call, job: () => call.job({}), ends, die }
  }

  hub.serve(vaultHostContract, {
    startStrongroom: ({ operation }) => {
      if (host.refuseStart) throw new Error('no process for you')
      startStrongroom(operation)
      return {}
    },
    endStrongroom: async ({ operation, reason }) => {
      endsAsked.push(reason)
      // As in life: it hears the vault's last event before it is gone.
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (host.answerEnd && strongroom?.operation === operation) strongroom.die()
      return {}
    },
    chooseFolder: async () => ({ path: await host.chooseFolder() }),
    chooseFile: () => ({ path: null }),
    printDocument: () => ({ path: null }),
    tapPlace: () => windowPlace,
    setTapPlace: () => windowPlace,
  })
  const control = hub.connect(vaultControlContract, {}).call
  const events: World['events'] = { changed: [], appended: [], progress: [] }
  const app = createHub(link.openPort('app', null))
  const { call } = app.connect(appContract, {
    changed: (state) => events.changed.push(state),
    appended: ({ seq }) => events.appended.push(seq),
    verifyProgress: ({ done }) => events.progress.push(done),
  })
  const disconnect = (): void => {
    app.close()
    hub.close()
  }
  return {
    call,
    control,
    link,
    state: () => call.state({}),
    events,
    strongroom: () => {
      if (strongroom === null) throw new Error('no strongroom was started')
      return strongroom
    },
    endsAsked,
    host,
    close: async () => {
      await control.close({})
      disconnect()
    },
    disconnect,
  }
}

/** Waits until `holds`; fails after `ms`. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string, ms = 18_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** How the last operation ended: told when its strongroom process is gone. */
export async function outcomeOf(world: World): Promise<NonNullable<AppState['lastOutcome']>> {
  await eventually(async () => (await world.state()).lastOutcome !== null, 'an outcome')
  const { lastOutcome } = await world.state()
  if (lastOutcome === null) throw new Error('no outcome')
  return lastOutcome
}

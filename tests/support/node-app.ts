/**
 * The whole app under plain Node: the real vault process and real strongroom processes (in this thread), real ports,
 * a broker in place of main, and pages driven by the test with software security keys. No Electron, no pixels.
 */
import { MessageChannel } from 'node:worker_threads'
import { randomBytes } from 'node:crypto'
import type { KnownManifests } from '../../electron/main/known-manifest.ts'
import { fromNodePort, createMailbox, type ProcessEnvironment } from '../../electron/platform/ports.ts'
import { appContract, type AppState } from '../../shared/contracts/app.ts'
import {
  strongroomControlContract,
  strongroomHostContract,
  vaultControlContract,
  vaultHostContract,
  type PageKind,
  type PortName,
} from '../../shared/contracts/broker.ts'
import { createHub, type Client, type Hub } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import type { CloseReason } from '../../shared/audit/entry.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'
import { windowPlace } from './window-place.ts'

/** Two ends of one channel. */
export function createPipe(): [Port, Port] {
  const { port1, port2 } = new MessageChannel()
  return [fromNodePort(port1), fromNodePort(port2)]
}

/** 16 random bytes as an id. */
export const newId = (): string => toBase64Url(randomBytes(16))

interface Guest {
  readonly environment: ProcessEnvironment
  readonly hub: Hub
  readonly give: (name: PortName, operation: string | null, port: Port) => void
  readonly gone: Promise<void>
}

/** A process as main sees it: a control port, a way to hand it ports, and its end. */
function createGuest(): Guest {
  const [inside, outside] = createPipe()
  const ports = createMailbox<[PortName, string | null, Port]>()
  let exited: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    exited = resolve
  })
  return {
    environment: {
      control: inside,
      onPort: ports.listen,
      exit: () => {
        exited()
      },
    },
    hub: createHub(outside),
    give: ports.deliver,
    gone,
  }
}

/** What the test does in the place of pages: called with the page's end of a fresh port. */
export type PageHost = (page: PageKind, port: Port) => void

export interface Starters {
  readonly startVault: (environment: ProcessEnvironment) => unknown
  readonly startStrongroom: (environment: ProcessEnvironment) => unknown
  /** What main remembers of manifests; asked for again at each start. Without it: nothing, every time. */
  readonly openKnownManifests?: () => KnownManifests
}

export interface NodeApp {
  readonly call: Client<typeof appContract>
  readonly state: () => AppState
  /** Resolves with the first state (now or later) that `holds`. */
  readonly until: (holds: (state: AppState) => boolean, what?: string) => Promise<AppState>
  /** What main would do on suspend, lock, quit. */
  readonly endStrongroom: (reason: CloseReason) => Promise<void>
  readonly pageGone: (page: PageKind, died: boolean) => Promise<void>
  /** The strongroom's ports break as if it had been killed. */
  readonly killStrongroom: () => Promise<void>
  readonly shown: ReadonlySet<PageKind>
  readonly close: () => Promise<void>
}

/** Starts the app; `chooseFolder` answers the export dialog. */
export async function startNodeApp(
  starters: Starters,
  host: PageHost,
  chooseFolder: () => string | null = () => null,
): Promise<NodeApp> {
  const vault = createGuest()
  const knownManifests = starters.openKnownManifests?.()
  const vaultControl = vault.hub.connect(vaultControlContract, {})
  let strongroom: {
    guest: Guest
    operation: string
    end: (reason: CloseReason) => Promise<void>
    pageGone: (page: PageKind, died: boolean) => Promise<void>
    vaultPipe: [Port, Port]
  } | null = null
  const shown = new Set<PageKind>()

  function startStrongroom(operation: string): void {
    const guest = createGuest()
    const pages = new Map<PageKind, Port>()
    const closePage = (page: PageKind): void => {
      pages.get(page)?.close()
      pages.delete(page)
      shown.delete(page)
    }
    const control = guest.hub.connect(strongroomControlContract, {})
    guest.hub.serve(strongroomHostContract, {
      openPage: ({ page, show }) => {
        closePage(page)
        const [inside, outside] = createPipe()
        pages.set(page, outside)
        if (show) shown.add(page)
        guest.give(page, operation, inside)
        host(page, outside)
        return { origin: windowOrigin }
      },
      showPage: ({ page }) => {
        shown.add(page)
        return { captureProtection: 'not-supported-here' as const }
      },
      closePage: ({ page }) => {
        closePage(page)
        return {}
      },
      clipboardMarked: () => ({}),
      knownManifest: ({ vault: id }) => ({ known: knownManifests?.find(id) ?? null }),
      manifestSeen: ({ vault: id, version, hash }) => {
        knownManifests?.see(id, { version, hash })
        return {}
      },
    })
    const vaultPipe = createPipe()
    vault.give('strongroom', operation, vaultPipe[0])
    guest.give('vault', operation, vaultPipe[1])
    strongroom = {
      guest,
      operation,
      vaultPipe,
      end: async (reason) => {
        await control.call.end({ reason })
      },
      pageGone: async (page, died) => {
        closePage(page)
        await control.call.pageGone({ page, died })
      },
    }
    void guest.gone.then(async () => {
      for (const page of [...pages.keys()]) closePage(page)
      vaultPipe[1].close()
      guest.hub.close()
      if (strongroom?.guest === guest) strongroom = null
      await vaultControl.call.strongroomGone({ operation }).catch(() => undefined)
    })
    void Promise.resolve(starters.startStrongroom(guest.environment))
  }

  vault.hub.serve(vaultHostContract, {
    startStrongroom: ({ operation }) => {
      startStrongroom(operation)
      return {}
    },
    endStrongroom: async ({ reason }) => {
      const running = strongroom
      if (running !== null) {
        await running.end(reason).catch(() => undefined)
        await running.guest.gone
      }
      return {}
    },
    chooseFolder: () => ({ path: chooseFolder() }),
    chooseFile: () => ({ path: null }),
    printDocument: () => ({ path: null }),
    tapPlace: () => windowPlace,
    setTapPlace: () => windowPlace,
  })
  await Promise.resolve(starters.startVault(vault.environment))

  const [inside, outside] = createPipe()
  vault.give('app', null, inside)
  let current: AppState | null = null
  const waiting = new Set<() => void>()
  const learn = (state: AppState): void => {
    current = state
    for (const check of waiting) check()
  }
  const app = createHub(outside).connect(appContract, {
    changed: learn,
    appended: () => undefined,
    verifyProgress: () => undefined,
  })
  learn(await app.call.state({}))

  const state = (): AppState => {
    if (current === null) throw new Error('no state yet')
    return current
  }
  return {
    call: app.call,
    state,
    until: (holds, what = holds.toString()) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check)
          reject(
            new Error(
              `state never came: ${what}; now ${JSON.stringify({ operation: state().operation, last: state().lastOutcome, phase: state().phase, damage: state().damage })}`,
            ),
          )
          // Just before a test's own 20 s are over: it says what it waited for, and a busy machine is no failure.
        }, 18_000)
        const check = (): void => {
          if (!holds(state())) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve(state())
        }
        waiting.add(check)
        check()
      }),
    endStrongroom: async (reason) => {
      await strongroom?.end(reason)
    },
    pageGone: async (page, died) => {
      await strongroom?.pageGone(page, died)
    },
    killStrongroom: async () => {
      const running = strongroom
      if (running === null) return
      running.vaultPipe[1].close()
      running.guest.environment.exit(9)
      await running.guest.gone
    },
    shown,
    close: async () => {
      await strongroom?.end('app-quit').catch(() => undefined)
      await strongroom?.guest.gone
      await vaultControl.call.close({})
      outside.close()
      vault.hub.close()
    },
  }
}

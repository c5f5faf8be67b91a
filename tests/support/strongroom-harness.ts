/** One strongroom process under plain Node, between a fake vault process, a fake main and software pages. */
import { createMailbox } from '../../electron/platform/ports.ts'
import { startStrongroom } from '../../electron/strongroom/strongroom.ts'
import type { ManifestMemory } from '../../electron/strongroom/trust/manifests.ts'
import type { CloseReason } from '../../shared/audit/entry.ts'
import type { Clock } from '../../shared/clock.ts'
import {
  strongroomControlContract,
  strongroomHostContract,
  type KnownManifest,
  type PageKind,
  type PortName,
} from '../../shared/contracts/broker.ts'
import {
  createHub,
  type Client,
  type EventListeners,
  type Handlers,
  type Hub,
  type Input,
} from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { revealContract } from '../../shared/contracts/reveal.ts'
import { sealContract } from '../../shared/contracts/seal.ts'
import { strongroomContract, type Job } from '../../shared/contracts/strongroom.ts'
import { toTimestamp } from '../../shared/clock.ts'
import { HalliganError, type ErrorCode } from '../../shared/errors.ts'
import { createPipe } from './node-app.ts'
import { createSoftwareTapPage, type SoftwareTapPage } from './software-tap-page.ts'
import { id32, now } from './sealed-world.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'

type VaultHandlers = Handlers<typeof strongroomContract>

/** Clocks that a test moves. */
export interface TestClock extends Clock {
  /** Both clocks, as time really passes. */
  readonly pass: (ms: number) => void
  readonly jumpWall: (ms: number) => void
}

export function createTestClock(): TestClock {
  let [wall, monotonic] = [now, 5000]
  const started = performance.now()
  // Runs in real time besides, so that pauses and back-off are felt.
  const real = (): number => Math.floor(performance.now() - started)
  return {
    wall: () => wall + real(),
    monotonic: () => monotonic + real(),
    pass: (ms) => {
      wall += ms
      monotonic += ms
    },
    jumpWall: (ms) => {
      wall += ms
    },
  }
}

/** A call that the strongroom made to the vault process, in order. */
export interface VaultCall {
  readonly method: string
  readonly input: unknown
}

export interface Harness {
  readonly tap: SoftwareTapPage
  readonly clock: TestClock
  readonly calls: VaultCall[]
  /** Inputs of the calls of one method so far. */
  readonly callsOf: <K extends keyof VaultHandlers>(method: K) => Parameters<VaultHandlers[K]>[0][]
  /** Exit code once the process has ended. */
  readonly exited: Promise<number>
  /** The call `ended`, once it came. */
  readonly ended: Promise<{ result: string; code: ErrorCode | null }>
  readonly end: (reason: CloseReason) => Promise<unknown>
  readonly pageGone: (page: PageKind, died: boolean) => Promise<unknown>
  readonly vaultEnds: (code: ErrorCode) => void
  readonly cutVault: () => void
  readonly crash: () => void
  /** Pages that exist now, and whether they are shown. */
  readonly pages: Map<PageKind, { port: Port; shown: boolean }>
  readonly opened: PageKind[]
  readonly reveal: (listeners?: Partial<EventListeners<typeof revealContract>>) => Promise<RevealPage>
  readonly seal: () => Promise<Client<typeof sealContract>>
  /** Everything that ever went to the reveal page, as it was posted. */
  readonly revealed: unknown[]
  readonly clipboard: { marker: string; clearAfterMs: number }[]
  /** Manifests that main was told are in force, in order. */
  readonly seen: Input<typeof strongroomHostContract, 'manifestSeen'>[]
  /** Sends a message of any shape as main; what the process posts to main. */
  readonly postControl: (message: unknown) => void
  readonly controlled: unknown[]
}

export interface RevealPage {
  readonly call: Client<typeof revealContract>
  readonly ended: Promise<CloseReason>
}

/**
 * Starts a strongroom on `job`; `overrides` answer in the vault process's place.
 * @param known what main knows of the vault: nothing, as on a new machine, or why it cannot say.
 */
export function startHarness(
  job: Job,
  overrides: Partial<VaultHandlers> = {},
  known: KnownManifest | HalliganError | null = null,
): Harness {
  const clock = createTestClock()
  const tap = createSoftwareTapPage()
  const calls: VaultCall[] = []
  const [inside, outside] = createPipe()
  const ports = createMailbox<[PortName, string | null, Port]>()
  const exit = defer<number>()
  const ended = defer<{ result: string; code: ErrorCode | null }>()
  const pages = new Map<PageKind, { port: Port; shown: boolean }>()
  const opened: PageKind[] = []
  const revealed: unknown[] = []
  const clipboard: { marker: string; clearAfterMs: number }[] = []
  const seen: Harness['seen'] = []
  const controlled: unknown[] = []
  const hosted = { reveal: createMailbox<[Port]>(), seal: createMailbox<[Port]>() }
  const main = createHub(outside)
  const control = main.connect(strongroomControlContract, {}).call
  const closePage = (page: PageKind): void => {
    pages.get(page)?.port.close()
    pages.delete(page)
  }
  main.serve(strongroomHostContract, {
    openPage: ({ page, show }) => {
      if (pages.has(page)) throw new Error('page is open already')
      const [theirs, ours] = createPipe()
      pages.set(page, { port: ours, shown: show })
      opened.push(page)
      ports.deliver(page, job.operation, page === 'reveal' ? watch(theirs, revealed) : theirs)
      if (page === 'tap') tap.attach(ours)
      else hosted[page].deliver(ours)
      return { origin: windowOrigin }
    },
    showPage: ({ page }) => {
      const open = pages.get(page)
      if (open === undefined) throw new Error('no such page')
      pages.set(page, { ...open, shown: true })
      return { captureProtection: 'not-supported-here' as const }
    },
    closePage: ({ page }) => {
      closePage(page)
      return {}
    },
    clipboardMarked: (marked) => {
      clipboard.push(marked)
      return {}
    },
    knownManifest: () => {
      if (known instanceof HalliganError) throw known
      return { known }
    },
    manifestSeen: (one) => {
      seen.push(one)
      return {}
    },
  })

  const [vaultInside, vaultOutside] = createPipe()
  const vault: Hub = createHub(vaultOutside)
  const served = vault.serve(strongroomContract, recordCalls(job, clock, calls, overrides, ended.resolve))
  const strongroom = startStrongroom(
    {
      control: watch(inside, controlled),
      onPort: ports.listen,
      exit: (code) => {
        for (const page of [...pages.keys()]) closePage(page)
        vault.close()
        main.close()
        exit.resolve(code)
      },
    },
    { clock, stretchCost: { passes: 1, memory: 8192 } },
  )
  ports.deliver('vault', job.operation, vaultInside)
  const connectPage = async (page: 'reveal' | 'seal'): Promise<Hub> =>
    createHub(
      await new Promise<Port>((resolve) => {
        hosted[page].listen(resolve)
      }),
    )
  return {
    tap,
    clock,
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method).map(({ input }) => input as never),
    exited: exit.promise,
    ended: ended.promise,
    end: (reason) => control.end({ reason }),
    pageGone: (page, died) => {
      closePage(page)
      return control.pageGone({ page, died })
    },
    vaultEnds: (code) => {
      served.emit('end', { code })
    },
    cutVault: () => {
      vault.close()
    },
    crash: strongroom.crash,
    pages,
    opened,
    reveal: async (listeners = {}) => {
      const over = defer<CloseReason>()
      const hub = await connectPage('reveal')
      const connected = hub.connect(revealContract, {
        tick: () => undefined,
        ...listeners,
        ended: ({ reason }) => {
          over.resolve(reason)
        },
      })
      return { call: connected.call, ended: over.promise }
    },
    seal: async () => (await connectPage('seal')).connect(sealContract, {}).call,
    revealed,
    clipboard,
    seen,
    postControl: outside.post,
    controlled,
  }
}

/** Main of a machine that has never seen the vault. */
export const newMachine: ManifestMemory = {
  knownManifest: () => Promise.resolve({ known: null }),
  manifestSeen: () => Promise.resolve({}),
}

function recordCalls(
  job: Job,
  clock: Clock,
  calls: VaultCall[],
  overrides: Partial<VaultHandlers>,
  onEnded: (ended: { result: string; code: ErrorCode | null }) => void,
): VaultHandlers {
  const answers: Partial<Record<keyof VaultHandlers, unknown>> = {
    job,
    head: { head: { size: 3, root: id32() }, at: toTimestamp(clock.wall()) },
    granted: { alertText: null },
  }
  return Object.fromEntries(
    Object.keys(strongroomContract.calls).map((method) => [
      method,
      async (input: never) => {
        calls.push({ method, input })
        const own = overrides[method as keyof VaultHandlers] as ((input: never) => unknown) | undefined
        const answer = own === undefined ? (answers[method as keyof VaultHandlers] ?? {}) : await own(input)
        if (method === 'ended') onEnded(input)
        return answer
      },
    ]),
  ) as unknown as VaultHandlers
}

/** The same port, with a copy of everything that is posted to it. */
const watch = (port: Port, posted: unknown[]): Port => ({
  ...port,
  post: (message) => {
    posted.push(structuredClone(message))
    port.post(message)
  },
})

/** Whether `needle` occurs in any text or bytes inside `value`, however deep. */
export function holds(value: unknown, needle: string): boolean {
  if (typeof value === 'string') return value.includes(needle)
  if (value instanceof Uint8Array) return Buffer.from(value).includes(needle)
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, needle))
}

function defer<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

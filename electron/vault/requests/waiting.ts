/**
 * Requests that a quorum has approved and that wait, in this process's memory: nothing here is secret, and what a wait is over with
 * is a second quorum. This process keeps the time; a wait does not outlast it.
 */
import { hasWaited, waitedMs, delayOf, type Moment } from '../../../shared/audit/delay-rules.ts'
import type { Entry, NewEntry } from '../../../shared/audit/entry.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { WaitingRequest as WaitingView } from '../../../shared/contracts/request-views.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { stationActor, type VaultContext } from '../context.ts'
import type { Registry } from '../people/registry.ts'
import { startStopwatch, type Stopwatch } from './deadlines.ts'

const lookMs = 250
/** How long an end that could not be recorded is left before it is tried again (ms). */
const retryMs = 5000
const openingMs = limits.openingSeconds * 1000

/** What a quorum approved. */
export interface ApprovedRequest {
  readonly statement: RequestStatement
  readonly credentialName: string
  /** As it stands in the log. */
  readonly opened: Extract<Entry, { type: 'request.opened' }>
  readonly approvals: readonly string[]
  /** The requester's tap and those that counted. */
  readonly taps: readonly Tap[]
  readonly since: Moment
  readonly delaySeconds: number
}

/** One waiting request in somebody's hands: nobody else can end it or go on with it meanwhile. */
export interface Claim {
  readonly request: ApprovedRequest
  /** @throws HalliganError REQUEST_WAITING {seconds}, REQUEST_EXPIRED */
  readonly requireReady: () => void
  /** The same of the entry that is being written, by its own times: the clock may have been set since. */
  readonly requireWaited: (placed: readonly Entry[]) => void
  /** It waits no more, and the log says so. */
  readonly leave: () => void
  /** It may be claimed again, unless it has left. */
  readonly release: () => void
}

export interface WaitingRoom {
  readonly isFull: () => boolean
  /** From the entry `request.waiting` on, at once. */
  readonly add: (request: ApprovedRequest) => void
  /** @throws HalliganError REQUEST_UNKNOWN */
  readonly find: (request: string) => ApprovedRequest
  /** @throws HalliganError REQUEST_UNKNOWN, REQUEST_NOT_WAITING while somebody else has it */
  readonly claim: (request: string) => Claim
  /**
   * Gives one up.
   * @throws HalliganError as {@link claim}, STORAGE_*: then it goes on waiting
   */
  readonly withdraw: (request: string) => Promise<void>
  readonly view: () => WaitingView[]
  /** No more looks at the clock. @returns the entries that end whatever still waits */
  readonly close: () => NewEntry[]
}

interface Item {
  readonly request: ApprovedRequest
  /** Monotonic clock when the entry `since` was on the disk: no earlier than what it says. */
  readonly sinceMs: number
  sinceReady: Stopwatch | null
  /** Its time is over, whether the log says so yet or not: it can never be opened any more. */
  over: boolean
  retryAt: number
  claimed: boolean
}

export function createWaitingRoom(
  { log, clock }: Pick<VaultContext, 'log' | 'clock'>,
  registry: Registry,
  onChange: () => void,
): WaitingRoom {
  const items = new Map<string, Item>()
  let timer: ReturnType<typeof setInterval> | null = null

  const nowFor = ({ request: { since }, sinceMs }: Item): Moment => ({
    at: toTimestamp(clock.wall()),
    monotonic: since.monotonic + (clock.monotonic() - sinceMs),
  })

  /** What is left of the wait (ms); from when it is ready, zero or less. */
  const missingMs = (item: Item): number =>
    item.request.delaySeconds * 1000 - waitedMs(item.request.since, nowFor(item))

  const isReady = (item: Item): boolean => !item.over && missingMs(item) <= 0

  /** Notes what the clocks have brought. @returns whether anything is new */
  function look(item: Item): boolean {
    if (item.sinceReady === null) {
      if (!isReady(item)) return false
      item.sinceReady = startStopwatch(clock)
      return true
    }
    // A clock set back afterwards adds nothing: the opening time runs on, by whichever clock says more.
    if (item.over || item.sinceReady.elapsedMs() < openingMs) return false
    item.over = true
    return true
  }

  function requireReady(item: Item): void {
    look(item)
    if (item.over) throw new HalliganError('REQUEST_EXPIRED')
    const missing = missingMs(item)
    if (!(missing <= 0)) throw new HalliganError('REQUEST_WAITING', { seconds: Math.ceil(missing / 1000) })
  }

  async function end(item: Item, entry: NewEntry): Promise<void> {
    item.claimed = true
    try {
      await log.append([entry])
      items.delete(item.request.statement.request)
    } finally {
      item.claimed = false
      onChange()
    }
  }

  async function expire(item: Item): Promise<void> {
    if (clock.monotonic() < item.retryAt) return
    item.retryAt = clock.monotonic() + retryMs
    const data = { request: item.request.statement.request }
    // It stays listed while the log does not say that it is over.
    await end(item, { type: 'request.expired', actor: stationActor, data }).catch(() => undefined)
  }

  function lookAtAll(): void {
    for (const item of items.values()) {
      if (item.claimed) continue
      if (look(item)) onChange()
      if (item.over) void expire(item)
    }
    if (items.size === 0) stop()
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  const findItem = (request: string): Item => {
    const item = items.get(request)
    if (item === undefined) throw new HalliganError('REQUEST_UNKNOWN')
    return item
  }

  const claimItem = (request: string): Item => {
    const item = findItem(request)
    if (item.claimed) throw new HalliganError('REQUEST_NOT_WAITING')
    item.claimed = true
    return item
  }

  function viewItem(item: Item): WaitingView {
    const { statement, credentialName, approvals, since } = item.request
    const { request, credential, safe, version, newest, requester, reason, incident, windowSeconds } = statement
    const wall = clock.wall()
    const missing = missingMs(item)
    const opensAt = missing > 0 || item.sinceReady === null ? wall + missing : item.sinceReady.startedAt.wall
    const manifest = registry.inForce()?.manifest
    return {
      ...{ request, credential, credentialName, safe, version, newest: newest ?? null },
      ...{ requester, reason, incident, windowSeconds, approvals: [...approvals], since: since.at },
      opensAt: toTimestamp(opensAt),
      isReady: isReady(item),
      closesAt: item.sinceReady === null ? null : toTimestamp(wall + openingMs - item.sinceReady.elapsedMs()),
      vetoers: (manifest === undefined ? undefined : delayOf(manifest, safe))?.vetoers ?? [],
    }
  }

  return {
    isFull: () => items.size >= limits.waitingRequests,
    add: (request) => {
      const fresh = { sinceReady: null, over: false, retryAt: 0, claimed: false }
      items.set(request.statement.request, { request, sinceMs: clock.monotonic(), ...fresh })
      timer ??= setInterval(lookAtAll, lookMs).unref()
      onChange()
    },
    find: (request) => findItem(request).request,
    claim: (id) => {
      const item = claimItem(id)
      const { request } = item
      return {
        request,
        requireReady: () => {
          requireReady(item)
        },
        requireWaited: (placed) => {
          requireReady(item)
          const isDue = placed.every((entry) => hasWaited(request.since, entry, request.delaySeconds))
          if (!isDue) throw new HalliganError('REQUEST_WAITING', { seconds: 1 })
        },
        leave: () => {
          items.delete(id)
          onChange()
        },
        release: () => {
          item.claimed = false
        },
      }
    },
    withdraw: (request) =>
      end(claimItem(request), {
        type: 'request.cancelled',
        actor: stationActor,
        data: { request, reason: 'cancelled' },
      }),
    view: () => [...items.values()].map(viewItem).sort((a, b) => (a.opensAt < b.opensAt ? -1 : 1)),
    close: () => {
      stop()
      const left = [...items.keys()]
      items.clear()
      return left.map((request) => ({
        type: 'request.cancelled',
        actor: stationActor,
        data: { request, reason: 'app-quit' },
      }))
    },
  }
}

/**
 * One sink's progress: compares its head with ours, delivers what it lacks, keeps the cursor, waits and tries again. At most one
 * call to the courier is under way, and no transaction is open meanwhile.
 */
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { courierContract } from '../../../shared/contracts/courier.ts'
import type { Client } from '../../../shared/contracts/contract.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { asHalliganError, HalliganError, type ErrorDetail } from '../../../shared/errors.ts'
import { backOffMs } from './back-off.ts'
import { compareHeads, isSameDivergence, readRefusedHead, type HeadVerdict } from './compare-heads.ts'
import { noCursor, type Cursor, type Cursors, type Divergence } from './cursors.ts'
import type { DeliveryReader } from './deliveries.ts'
import type { Gate } from './gate.ts'
import type { Timers } from './timers.ts'

export type CourierClient = Client<typeof courierContract>

export interface WorkerMeans {
  readonly settings: SinkSettings
  /** Where its entries go, for the cursor. */
  readonly place: string
  readonly log: { readonly vault: string; readonly station: string }
  /** Of our log; null while nobody should rely on it. */
  readonly head: () => LogHead | null
  readonly courier: () => Promise<CourierClient>
  readonly reader: DeliveryReader
  readonly cursors: Cursors
  readonly gate: Gate
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  readonly now: () => string
  /** Milliseconds. */
  readonly monotonic: () => number
  /** It has everything up to here. `hasNews`: and some of what it took since the last time was not about syncing. */
  readonly onCaughtUp: (head: LogHead, hasNews: boolean) => void
  /** Resolves when it is on record. Equal hashes: it holds our log, and less of it than it had acknowledged. */
  readonly onDiverged: (divergence: Divergence) => Promise<void>
  readonly onChange: () => void
}

export interface SinkWorker {
  /** There may be something to deliver. */
  readonly wake: () => void
  /** The network is back, or a person wants it: whatever is waited for is tried now. */
  readonly hurry: () => void
  /** A person has looked: also a sink that has diverged is tried again. */
  readonly retry: () => Promise<void>
  readonly view: () => Omit<SinkView, 'secret'>
  /** It is being asked or delivered to; false while it waits for its next try. */
  readonly isBusy: () => boolean
  readonly stop: () => void
}

/** A sink that is cut again and again must not fill our log with it. */
const cutEveryMs = 3_600_000

export function createSinkWorker(means: WorkerMeans): SinkWorker {
  const { settings, place, log, head: ourHead, courier, reader, cursors, gate, timers, random, now, monotonic } = means
  const { id: sink, name, kind } = settings
  let cursor: Cursor | null = null
  let running = false
  let again = false
  let stopped = false
  let failures = 0
  let problem: SinkView['problem'] = null
  let cancelWait: (() => void) | null = null
  let hurried = false
  /** Delivered, perhaps, and not yet said to be there. */
  let hasNews = false
  /** An emptied folder may be another stick, or a share that is not mounted: only a person can tell. */
  let mayStartOver = false
  let client: CourierClient | null = null
  let cutAt: number | null = null
  /** Where it wanted us to go on, and has taken nothing since: a second such answer is no honest one. */
  let resumed = false

  async function save(next: Cursor): Promise<void> {
    await gate.opened()
    // Durable first: whoever sees the new value may rely on it.
    await cursors.save(sink, place, next)
    cursor = next
    means.onChange()
  }

  async function halt(current: Cursor, divergence: Divergence): Promise<void> {
    if (!isSameDivergence(current.divergence, divergence)) await means.onDiverged(divergence)
    await save({ ...current, divergence, halted: true })
  }

  /** Entries that it had are gone there. They are sent again, but that they were gone is told. */
  async function recordCut({ size, hash }: Pick<Cursor, 'size' | 'hash'>): Promise<void> {
    const at = monotonic()
    if (cutAt !== null && at - cutAt < cutEveryMs) return
    await means.onDiverged({ size, ours: hash, theirs: hash })
    cutAt = at
  }

  async function goOnFrom({ size, hash }: Extract<HeadVerdict, { kind: 'agreed' }>, current: Cursor): Promise<Cursor> {
    if (size === 0 && current.size > 0 && kind === 'folder' && !mayStartOver) {
      throw new HalliganError('SINK_UNREACHABLE', { reason: 'empty', sink: name })
    }
    mayStartOver = false
    if (size === current.size && current.divergence === null) return current
    if (size < current.size) await recordCut({ size, hash })
    const next = { ...current, size, hash, divergence: null, halted: false }
    await save(next)
    return next
  }

  /** Where to go on, by what the sink itself says; null when it holds another log than ours. */
  async function settleHead(connected: CourierClient, current: Cursor, ours: number): Promise<Cursor | null> {
    const { head } = await connected.head({ sink, ...log, probe: failures > 0 })
    await gate.opened()
    const verdict = await compareHeads(head, current, ours, reader)
    if (verdict.kind === 'agreed') return goOnFrom(verdict, current)
    await halt(current, verdict.divergence)
    return null
  }

  async function deliverNext(connected: CourierClient, current: Cursor): Promise<Cursor> {
    const delivery = await reader.read(current.size, kind === 'folder')
    await gate.opened()
    hasNews ||= delivery.hasNews
    await connected.deliver({ sink, ...log, ...delivery.message })
    const next = { ...current, size: delivery.size, hash: delivery.hash, at: now() }
    await save(next)
    resumed = false
    return next
  }

  /** Something works again: what comes next is not tried as if after failures. */
  function noteSuccess(): void {
    failures = 0
    problem = null
  }

  // Read through functions: it may have changed across an await, which the compiler does not expect of a variable.
  const isStopped = (): boolean => stopped
  const isWaiting = (): boolean => cancelWait !== null
  const sizeNow = (): number => ourHead()?.size ?? 0

  async function catchUp(): Promise<void> {
    await gate.opened()
    const from = (cursor ??= await cursors.load(sink, place))
    const ours = ourHead()?.size
    if (isStopped() || from.halted || ours === undefined || (from.size === ours && problem === null)) return
    const connected = await courier()
    client = connected
    let current = await settleHead(connected, from, ours)
    if (current === null) return
    while (!isStopped() && current.size < sizeNow()) {
      current = await deliverNext(connected, current)
      noteSuccess()
    }
    noteSuccess()
    const head = ourHead()
    if (head?.size !== current.size || isStopped()) return
    means.onCaughtUp(head, hasNews)
    hasNews = false
  }

  /** What the sink found out itself: it has another entry where ours belongs, or not those before. */
  async function settleRefusal(detail: ErrorDetail): Promise<void> {
    const current = cursor ?? noCursor
    const head = readRefusedHead(detail)
    if (head !== undefined) {
      const verdict = await compareHeads(head, current, sizeNow(), reader)
      if (verdict.kind === 'diverged') return halt(current, verdict.divergence)
      // A receiver that cannot answer for its head says so only here.
      if (!resumed && verdict.size !== current.size) {
        await goOnFrom(verdict, current)
        resumed = true
        again = true
        return
      }
    }
    const ours = await reader.hashAt(current.size)
    await halt(current, { size: current.size + 1, ours, theirs: null })
  }

  function wait(error: unknown): void {
    const { code, detail } = asHalliganError(error)
    failures++
    problem = { code, detail: { ...detail } }
    if (stopped) return
    if (hurried) {
      // It failed because it was hurried, or could have: the real try comes now.
      hurried = false
      again = true
      return
    }
    // A server that says how long it wants to be left alone is left alone.
    const askedMs = typeof detail['retryAfterMs'] === 'number' ? detail['retryAfterMs'] : 0
    cancelWait = timers.after(Math.max(backOffMs(code, failures, random()), askedMs), () => {
      cancelWait = null
      run()
    })
  }

  async function runOnce(): Promise<void> {
    try {
      await catchUp()
    } catch (error) {
      const { code, detail } = asHalliganError(error)
      if (code === 'SINK_DIVERGED') await settleRefusal(detail).catch(wait)
      else wait(error)
    } finally {
      client = null
      hurried = false
    }
  }

  function run(): void {
    if (stopped || cancelWait !== null) return
    again = true
    if (running) return
    running = true
    void (async () => {
      while (again && !isWaiting()) {
        again = false
        means.onChange()
        await runOnce()
      }
      running = false
      means.onChange()
    })()
  }

  function hurry(): void {
    cancelWait?.()
    cancelWait = null
    // A connection from before may wait for an answer that never comes.
    hurried = running
    if (running) void client?.reset({ sink }).catch(() => undefined)
    run()
  }

  function stateNow(current: Cursor, entries: number): SinkView['state'] {
    if (current.halted) return 'diverged'
    if (problem !== null) return 'waiting'
    if (current.size >= entries) return 'current'
    return gate.isOpen() ? 'syncing' : 'paused'
  }

  return {
    wake: run,
    hurry,
    retry: async () => {
      mayStartOver = true
      resumed = false
      const current = cursor ?? (await cursors.load(sink, place))
      if (current.halted) {
        await save({ ...current, halted: false })
        // The heads are compared although there may be nothing new to deliver.
        problem ??= { code: 'SINK_DIVERGED', detail: { sink: name } }
      }
      hurry()
    },
    view: () => {
      const current = cursor ?? noCursor
      const entries = ourHead()?.size ?? current.size
      return {
        id: sink,
        name,
        kind,
        state: stateNow(current, entries),
        acknowledged: Math.min(current.size, entries),
        size: entries,
        acknowledgedAt: current.at,
        problem: current.halted ? null : problem,
        divergence: current.divergence,
      }
    },
    isBusy: () => running,
    stop: () => {
      stopped = true
      cancelWait?.()
      cancelWait = null
    },
  }
}

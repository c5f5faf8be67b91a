/**
 * The log leaves the building: one worker for each sink of the manifest in force, all behind one gate that an emergency closes.
 * Public face of this folder.
 */
import { settingsHash, placeHash } from '../../../shared/audit/sink-settings.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { courierHostContract } from '../../../shared/contracts/courier.ts'
import type { Client, Output } from '../../../shared/contracts/contract.ts'
import { needsSecret, type SinkSecret, type SinkSettings } from '../../../shared/domain/sink.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { stationActor, type VaultContext } from '../context.ts'
import type { Registry } from '../people/registry.ts'
import { createAcknowledgements, type Acknowledgements } from './acknowledgements.ts'
import type { CourierLink } from './courier-link.ts'
import { createCursors } from './cursors.ts'
import { createDeliveryReader } from './deliveries.ts'
import { createGate } from './gate.ts'
import { createSinkWorker, type SinkWorker } from './sink-worker.ts'
import { systemTimers, type Timers } from './timers.ts'

/**
 * After an entry, before anything is done about it: what comes together is delivered together, and an emergency that begins with
 * this entry has closed the gate by then.
 */
const gatherMs = 250

export interface SyncMeans {
  readonly context: VaultContext
  readonly registry: Pick<Registry, 'inForce'>
  readonly host: Client<typeof courierHostContract>
  readonly link: CourierLink
  readonly onChange: () => void
  /** The system's unless a test moves time by hand. */
  readonly timers?: Timers
}

export interface Sync {
  /** Entries were added, or the manifest changed. */
  readonly noteChange: () => void
  /** While true nothing is done here: a credential is being opened. */
  readonly setPaused: (paused: boolean) => void
  /** The network is back. */
  readonly noteOnline: () => void
  readonly view: () => AppState['sinks']
  readonly settings: () => readonly SinkSettings[]
  /** @throws HalliganError SINK_UNKNOWN */
  readonly retry: (sink: string) => Promise<void>
  /** Hands a secret on to where it is kept; nothing of it stays here. @throws HalliganError SINK_UNKNOWN, STORAGE_FAILED */
  readonly keepSecret: (sink: string, secret: SinkSecret) => Promise<void>
  readonly stop: () => void
}

interface Member {
  readonly settings: SinkSettings
  readonly hash: string
  readonly worker: SinkWorker
  readonly acknowledgements: Acknowledgements
}

export function createSync(means: SyncMeans): Sync {
  const { context, registry, host, link, onChange, timers = systemTimers } = means
  const { log, store, clock, primitives, randomBytes } = context
  const { vault, station } = log.genesis
  const gate = createGate()
  const reader = createDeliveryReader(store.database, primitives, gate)
  const cursors = createCursors(store.database)
  let members: readonly Member[] = []
  let manifest: string | null = null
  let kept: Output<typeof courierHostContract, 'keptSecrets'>['kept'] = []
  let cancelGathering: (() => void) | null = null
  let stopped = false

  const ourHead = (): LogHead | null => {
    try {
      return log.head()
    } catch {
      // Damage: nobody should be told that this is the log.
      return null
    }
  }

  /** In [0, 1). */
  const random = (): number => {
    const [a = 0, b = 0] = randomBytes(2)
    return (a * 256 + b) / 65_536
  }

  /** What cannot be recorded now (disk full) is said by the next burst. */
  async function recordAcknowledged({ id: sink, name }: SinkSettings, { size, root }: LogHead): Promise<void> {
    await gate.opened()
    if (stopped) return
    const data = { sink, name, size, root }
    await log.append([{ type: 'sync.acknowledged', actor: stationActor, data }]).catch(() => undefined)
  }

  function createMember(settings: SinkSettings): Member {
    const { id: sink, name } = settings
    const acknowledgements = createAcknowledgements(
      timers,
      clock.monotonic,
      (head) => {
        void recordAcknowledged(settings, head)
      },
      () => worker.isBusy(),
    )
    const worker = createSinkWorker({
      settings,
      place: placeHash(primitives, settings),
      log: { vault, station },
      head: ourHead,
      courier: link.connect,
      reader,
      cursors,
      gate,
      timers,
      random,
      now: () => toTimestamp(clock.wall()),
      monotonic: clock.monotonic,
      onCaughtUp: acknowledgements.note,
      onDiverged: async (divergence) => {
        await log.append([{ type: 'sync.diverged', actor: stationActor, data: { sink, name, ...divergence } }])
      },
      onChange,
    })
    return { settings, hash: settingsHash(primitives, settings), worker, acknowledgements }
  }

  function endMember({ worker, acknowledgements }: Member): void {
    worker.stop()
    acknowledgements.stop()
  }

  async function learnKept(): Promise<void> {
    // Without an answer the screen says that something is missing; the courier knows better.
    const sinks = members.map(({ settings }) => settings.id)
    kept = await host.keptSecrets({ vault, sinks }).then(
      (answer) => answer.kept,
      () => [],
    )
    onChange()
  }

  /** Takes over the sinks of the manifest in force, if that is another than before. */
  async function takeOver(): Promise<void> {
    const inForce = registry.inForce()
    if (inForce === null || inForce.hash === manifest) return
    manifest = inForce.hash
    const sinks = inForce.manifest.sinks ?? []
    const before = members
    members = sinks.map((settings) => {
      const hash = settingsHash(primitives, settings)
      const same = before.find((one) => one.hash === hash && one.settings.name === settings.name)
      return same ?? createMember(settings)
    })
    for (const member of before) if (!members.includes(member)) endMember(member)
    if (sinks.length === 0 && before.length === 0) return
    await Promise.all([link.configure(sinks), learnKept()])
  }

  async function gather(): Promise<void> {
    await gate.opened()
    if (stopped) return
    await takeOver()
    for (const { worker } of members) worker.wake()
  }

  function noteChange(): void {
    if (stopped) return
    cancelGathering ??= timers.after(gatherMs, () => {
      cancelGathering = null
      void gather()
    })
  }

  function find(sink: string): Member {
    const member = members.find(({ settings }) => settings.id === sink)
    if (member === undefined) throw new HalliganError('SINK_UNKNOWN')
    return member
  }

  function secretOf({ settings, hash }: Member): SinkView['secret'] {
    if (!needsSecret(settings)) return 'not-needed'
    return kept.find((one) => one.sink === settings.id && one.settings === hash)?.where ?? 'missing'
  }

  noteChange()
  return {
    noteChange,
    setPaused: (paused) => {
      if (gate.isOpen() === !paused) return
      gate.set(!paused)
      onChange()
    },
    noteOnline: () => {
      for (const { worker } of members) worker.hurry()
    },
    view: () => members.map((member) => ({ ...member.worker.view(), secret: secretOf(member) })),
    settings: () => members.map(({ settings }) => settings),
    retry: (sink) => find(sink).worker.retry(),
    keepSecret: async (sink, secret) => {
      const { hash, worker } = find(sink)
      await host.keepSecret({ vault, sink, settings: hash, secret })
      await learnKept()
      worker.hurry()
    },
    stop: () => {
      stopped = true
      cancelGathering?.()
      members.forEach(endMember)
    },
  }
}

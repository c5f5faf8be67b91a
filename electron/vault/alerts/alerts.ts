/**
 * Nobody breaks the glass unnoticed: what the log says goes out over the channels of the manifest, at once where a network is
 * there, later where it is not. Runs beside everything else with its own timers; no request waits for it, and it waits for none.
 * Public face of this folder.
 */
import { channelHash } from '../../../shared/audit/channel-settings.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { ChannelView, WaitingAlert } from '../../../shared/contracts/alert-views.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { alertHostContract } from '../../../shared/contracts/courier.ts'
import type { Client, Output } from '../../../shared/contracts/contract.ts'
import {
  needsChannelSecret,
  type AlertSettings,
  type ChannelSecret,
  type ChannelSettings,
} from '../../../shared/domain/alert.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { stationActor, type VaultContext } from '../context.ts'
import type { InForce, Registry } from '../people/registry.ts'
import type { History } from '../requests/history.ts'
import type { CourierLink } from '../sync/courier-link.ts'
import { systemTimers, type Timers } from '../sync/timers.ts'
import { createAlertReader } from './alert-facts.ts'
import { createAlertNotes } from './alert-notes.ts'
import { createChannelWorker, type ChannelWorker } from './channel-worker.ts'
import { judgeEntry } from './events.ts'
import { createOutbox } from './outbox.ts'
import { findProofs, proofMs, type Proof } from './proofs.ts'
import { findRemoved } from './removed-channels.ts'
import { resetChannel, sendAlert } from './send-alert.ts'
import { listWaiting } from './waiting-alerts.ts'

/** The courier is started ahead, so that the first alert need not wait for a process; not while the app itself starts. */
const prepareMs = 2_000
/** After a look that failed (a busy database), until the next. */
const againMs = 2_000
/** After an entry, before anything is done about it: what the entry is about goes first, on the disk and in this thread. */
const gatherMs = 150
/** A manifest is in force a moment after its entry is durable. */
const settleMs = 250

export interface AlertsMeans {
  readonly context: VaultContext
  readonly registry: Pick<Registry, 'inForce' | 'chain'>
  readonly history: Pick<History, 'find'>
  readonly host: Client<typeof alertHostContract>
  readonly link: Pick<CourierLink, 'connectAlerts' | 'configureChannels'>
  readonly onChange: () => void
  /** The system's unless a test moves time by hand. */
  readonly timers?: Timers
}

export interface Alerts {
  /** These entries are durable. */
  readonly noteEntries: (entries: readonly Entry[]) => void
  /** The network is back. */
  readonly noteOnline: () => void
  readonly view: () => AppState['alerts']
  /** Resolves when the view shows the channels of the manifest in force, unless the database is busy. */
  readonly settle: () => Promise<void>
  readonly settings: () => AlertSettings
  /** Hands a secret on to where it is kept; nothing of it stays here. @throws HalliganError CHANNEL_UNKNOWN, STORAGE_FAILED */
  readonly keepSecret: (channel: string, secret: ChannelSecret) => Promise<void>
  /** Null: all of them. @throws HalliganError CHANNEL_UNKNOWN, STORAGE_* */
  readonly test: (channel: string | null) => Promise<void>
  /** @throws HalliganError CHANNEL_UNKNOWN */
  readonly retry: (channel: string) => Promise<void>
  readonly waiting: () => Promise<WaitingAlert[]>
  readonly stop: () => void
}

interface Member {
  readonly settings: ChannelSettings
  readonly hash: string
  /** It is in no manifest in force any more, and something waits for it still. */
  readonly isRemoved: boolean
  readonly worker: ChannelWorker
}

export function createAlerts(means: AlertsMeans): Alerts {
  const { context, registry, host, link, onChange, timers = systemTimers } = means
  const { store, log, clock, primitives, randomBytes } = context
  const { vault } = log.genesis
  const outbox = createOutbox(store.database)
  const reader = createAlertReader(means)
  const sending = { host, link, timers }
  let members: readonly Member[] = []
  let manifest: string | null = null
  let kept: Output<typeof alertHostContract, 'keptSecrets'>['kept'] = []
  let proofs = new Map<string, Proof>()
  let counts: ReadonlyMap<string, number> = new Map()
  let cancelPreparing: (() => void) | null = null
  let cancelGathering: (() => void) | null = null
  let cancelAgain: (() => void) | null = null
  let stopped = false
  let turn: Promise<void> = Promise.resolve()

  /** In [0, 1). */
  const random = (): number => {
    const [a = 0, b = 0] = randomBytes(2)
    return (a * 256 + b) / 65_536
  }

  async function recount(): Promise<void> {
    counts = await outbox.count()
    onChange()
  }

  function createMember(settings: ChannelSettings, isRemoved: boolean): Member {
    const { id } = settings
    const worker = createChannelWorker({
      settings,
      isRemoved,
      next: () => outbox.next(id),
      compose: reader.compose,
      send: (message) => sendAlert(sending, settings, message),
      reset: () => void resetChannel(sending, settings),
      notes: createAlertNotes({ log, reader }, settings, {
        onProven: (proof) => proofs.set(id, proof),
        onSettled: recount,
      }),
      timers,
      random,
      now: clock.wall,
      onChange,
    })
    return { settings, hash: channelHash(primitives, settings), isRemoved, worker }
  }

  async function learnKept(): Promise<void> {
    // Without an answer the screen says that something is missing; the courier knows better.
    const channels = members.map(({ settings }) => settings.id).slice(0, limits.channels)
    kept = await host.keptSecrets({ vault, channels }).then(
      (answer) => answer.kept,
      () => [],
    )
    onChange()
  }

  /** Takes over the channels of the manifest in force. What fails half-way is begun again: workers that are there stay. */
  async function takeOver(inForce: InForce): Promise<void> {
    await recount()
    const channels = inForce.manifest.alerts?.channels ?? []
    const wanted = [
      ...channels.map((settings) => ({ settings, isRemoved: false })),
      ...findRemoved(registry.chain(), channels, [...counts.keys()]).map((settings) => ({ settings, isRemoved: true })),
    ]
    const before = members
    members = wanted.map(({ settings, isRemoved }) => {
      const hash = channelHash(primitives, settings)
      const same = before.find((one) => one.hash === hash && one.settings.name === settings.name)
      return same?.isRemoved === isRemoved ? same : createMember(settings, isRemoved)
    })
    for (const member of before) if (!members.includes(member)) member.worker.stop()
    if (members.length === 0 && before.length === 0) return
    const remote = members.flatMap(({ settings }) => (settings.kind === 'desktop' ? [] : [settings]))
    const ids = channels.map(({ id }) => id)
    proofs = await findProofs(store.database, primitives, registry.chain(), ids, clock.wall()).catch(
      (error: unknown) => {
        // Busy for a moment is no reason to call a channel unproven; an entry that cannot be read is none to alert nobody.
        if (asHalliganError(error).code === 'STORAGE_BUSY') throw error
        return new Map<string, Proof>()
      },
    )
    // Not waited for: only the screen wants to know.
    void learnKept()
    await link.configureChannels({ vault, channels: remote.slice(0, limits.channels) })
    cancelPreparing?.()
    if (remote.length === 0) return
    cancelPreparing = timers.after(prepareMs, () => {
      void link.connectAlerts().catch(() => undefined)
    })
  }

  async function look(): Promise<void> {
    if (stopped) return
    const inForce = registry.inForce()
    if (inForce !== null && inForce.hash !== manifest) {
      await takeOver(inForce)
      manifest = inForce.hash
    }
    if (members.length === 0) return
    for (const { worker } of members) worker.wake()
    await recount()
  }

  /** One after the other: two that take over a manifest at once would make two workers of a channel. */
  function wake(): void {
    turn = turn.then(look).catch(() => {
      // A database that is busy for a moment: what waits must not wait for the next entry.
      if (!stopped) cancelAgain ??= timers.after(againMs, lookAgain)
    })
  }

  function lookAgain(): void {
    cancelAgain = null
    wake()
  }

  /** What has just been signed is there afterwards. */
  const settle = (): Promise<void> => {
    wake()
    return turn
  }

  /** @throws HalliganError CHANNEL_UNKNOWN */
  async function find(channel: string): Promise<Member> {
    await settle()
    const member = members.find(({ settings, isRemoved }) => settings.id === channel && !isRemoved)
    if (member === undefined) throw new HalliganError('CHANNEL_UNKNOWN')
    return member
  }

  function secretOf({ settings, hash }: Member): ChannelView['secret'] {
    if (!needsChannelSecret(settings)) return 'not-needed'
    return kept.find((one) => one.channel === settings.id && one.settings === hash)?.where ?? 'missing'
  }

  function viewOf(member: Member): ChannelView {
    const { id, name, kind } = member.settings
    const { state, problem, nextAtMs } = member.worker.view()
    const proof = proofs.get(id) ?? null
    return {
      id,
      name,
      kind,
      state,
      problem,
      nextAt: nextAtMs === null ? null : toTimestamp(nextAtMs),
      waiting: counts.get(id) ?? 0,
      lastProvenAt: proof?.at ?? null,
      receipt: proof?.receipt ?? null,
      isProven: proof !== null && clock.wall() - Date.parse(proof.at) <= proofMs,
      secret: secretOf(member),
    }
  }

  wake()
  return {
    noteEntries: (entries) => {
      // What says what became of an alert makes none: it must not wake anybody.
      if (entries.some((entry) => judgeEntry(entry, () => undefined) !== null)) {
        cancelGathering ??= timers.after(gatherMs, () => {
          cancelGathering = null
          wake()
        })
      }
      if (entries.some(({ type }) => type === 'manifest.changed')) timers.after(settleMs, wake)
    },
    noteOnline: () => {
      for (const { worker } of members) worker.hurry()
    },
    view: () => ({
      channels: members.filter(({ isRemoved }) => !isRemoved).map(viewOf),
      waiting: [...counts.values()].reduce((sum, count) => sum + count, 0),
    }),
    settle,
    settings: () => registry.inForce()?.manifest.alerts ?? { channels: [], routes: [] },
    keepSecret: async (channel, secret) => {
      const { hash, worker } = await find(channel)
      await host.keepSecret({ vault, channel, settings: hash, secret })
      await learnKept()
      worker.hurry()
    },
    test: async (channel) => {
      await settle()
      const tested = channel === null ? members.filter(({ isRemoved }) => !isRemoved) : [await find(channel)]
      if (tested.length === 0) return
      await log.append(
        tested.map(({ settings: { id, name } }) => ({
          type: 'alert.test',
          actor: stationActor,
          data: { channel: id, name },
        })),
      )
    },
    retry: async (channel) => {
      const { worker } = await find(channel)
      worker.hurry()
    },
    waiting: () => {
      const workerOf = (channel: string) => members.find(({ settings }) => settings.id === channel)?.worker
      return listWaiting({ outbox, reader }, (row) => workerOf(row.channel)?.attempts(row) ?? 0)
    },
    stop: () => {
      stopped = true
      cancelPreparing?.()
      cancelGathering?.()
      cancelAgain?.()
      for (const { worker } of members) worker.stop()
    },
  }
}

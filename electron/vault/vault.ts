/**
 * The vault process: storage, people, credentials, requests and the audit log behind three ports. Runs as an Electron
 * utility process and under plain Node; never holds a secret. Public face of the folder, with process.ts.
 */
import type { Clock } from '../../shared/clock.ts'
import type { AppState } from '../../shared/contracts/app.ts'
import { vaultControlContract, vaultHostContract } from '../../shared/contracts/broker.ts'
import { alertHostContract, courierHostContract, syncControlContract } from '../../shared/contracts/courier.ts'
import { createHub } from '../../shared/contracts/contract.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../shared/errors.ts'
import type { ProcessEnvironment } from '../platform/ports.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { loadSodium, randomBytes as sodiumRandomBytes } from '../platform/sodium.ts'
import { createAlerts, type Alerts } from './alerts/alerts.ts'
import { describeVaultChannels } from './alerts/channel-due.ts'
import { createDueWatch, type DueWatch } from './alerts/due-watch.ts'
import { createAppHandlers } from './app-handlers.ts'
import { createAppWindows } from './app-windows.ts'
import { createKnownFile } from './audit/known-file.ts'
import { createProgramFacts } from './ceremonies/program.ts'
import { stationActor } from './context.ts'
import { listVaultOverdue } from './credentials/vault-due.ts'
import { createExportKit } from './export/export-kit.ts'
import { createExporter, type Exporter } from './export/exporter.ts'
import type { Damage } from './integrity.ts'
import { closeVault, createVault, openVault, type OpenMeans, type OpenVault } from './open-vault.ts'
import { createSerialQueue } from './operations/serial-queue.ts'
import { createRunner, type Runner } from './operations/runner.ts'
import { describeNoVault, describeVault } from './state.ts'
import { hasVaultFile, openStore, type Store } from './store/store.ts'
import { createCourierLink, type CourierLink } from './sync/courier-link.ts'
import { createSync, type Sync } from './sync/sync.ts'
import { systemTimers, type Timers } from './sync/timers.ts'

export interface VaultOptions {
  /** Vault folder; made by set-up when it is not there. */
  readonly dir: string
  /** Where the last seen checkpoint is kept, outside `dir`; the vault's id is added to the name. Null keeps none. */
  readonly knownCheckpointFile: string | null
  readonly appVersion: string
  /** The folder that the program runs from: exports get files of it. None in a test without a build. */
  readonly programDir?: string
  readonly clock: Clock
  /** libsodium's unless a test hands in its own. */
  readonly randomBytes?: (length: number) => Uint8Array
  /** For what is looked at once in a while. The system's unless a test moves time by hand. */
  readonly timers?: Timers
}

/** Reasons for not opening that can be gone a minute later. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'VAULT_LOCKED_BY_OTHER',
  'VAULT_UNSAFE_PERMISSIONS',
  'STORAGE_FULL',
  'STORAGE_READ_ONLY',
  'STORAGE_BUSY',
  'STORAGE_FAILED',
])

/** What there is to work with. */
type Situation =
  | { readonly kind: 'none' }
  /** There is something, and it cannot be opened: locked by another, unsafe, too new, unreadable. */
  | { readonly kind: 'refused'; readonly damage: Damage }
  | {
      readonly kind: 'open'
      readonly vault: OpenVault
      readonly runner: Runner
      readonly exporter: Exporter
      readonly sync: Sync
      readonly alerts: Alerts
      readonly dueWatch: DueWatch
      readonly link: CourierLink
    }

export interface RunningVault {
  /** Resolves when the vault is open, or it is known why not. */
  readonly started: Promise<void>
  /** As main's `close` on the control port. */
  readonly close: () => Promise<void>
}

/** Starts serving; returns at once, calls wait until the vault is open. */
export function startVault(environment: ProcessEnvironment, options: VaultOptions): RunningVault {
  const { dir, appVersion, clock, randomBytes = sodiumRandomBytes } = options
  const known = createKnownFile(options.knownCheckpointFile)
  const queue = createSerialQueue()
  let situation: Situation = { kind: 'none' }
  let store: Store | null = null

  const state = (): AppState => {
    switch (situation.kind) {
      case 'none':
        return describeNoVault(appVersion, null)
      case 'refused':
        return describeNoVault(appVersion, situation.damage)
      case 'open':
        return describeVault(appVersion, situation.vault, situation)
    }
  }

  // Both sides are served before anything is awaited: a message that finds no receiver is lost.
  const controlHub = createHub(environment.control)
  const host = controlHub.connect(vaultHostContract, {}).call
  const courierHost = controlHub.connect(courierHostContract, {}).call
  const alertHost = controlHub.connect(alertHostContract, {}).call
  controlHub.serve(syncControlContract, {
    online: () => {
      if (situation.kind === 'open') {
        situation.alerts.noteOnline()
        situation.sync.noteOnline()
      }
      return {}
    },
  })
  controlHub.serve(vaultControlContract, {
    strongroomGone: async ({ operation }) => {
      if (situation.kind === 'open') await situation.runner.strongroomGone(operation)
      return {}
    },
    tapPageRefused: async ({ operation, code, count }) => {
      if (situation.kind === 'open') {
        const data = { operation, code, count }
        await situation.vault.context.log.append([{ type: 'tap-page.refused', actor: stationActor, data }])
      }
      return {}
    },
    close: async () => {
      await close()
      return {}
    },
  })
  const handlers = createAppHandlers({
    started: () => started,
    state,
    open: () => {
      if (situation.kind === 'open') return situation
      if (situation.kind === 'none') throw new HalliganError('VAULT_MISSING')
      throw new HalliganError(situation.damage.code, situation.damage.detail)
    },
    begin: (names) => queue.enter(() => begin(names)),
    program: createProgramFacts(appVersion, options.programDir),
    kit: options.programDir === undefined ? null : createExportKit(options.programDir),
    host,
    onChange: () => {
      windows.noteChange()
    },
  })
  const windows = createAppWindows(handlers, state)
  environment.onPort((name, operation, port) => {
    if (name === 'app') {
      startAgain()
      windows.accept(port)
    } else if (name === 'strongroom' && situation.kind === 'open') situation.runner.acceptPort(operation, port)
    else if (name === 'courier' && situation.kind === 'open') situation.link.accept(port)
    else port.close()
  })

  async function makeMeans(): Promise<OpenMeans> {
    store ??= await openStore({ dir, randomBytes })
    return {
      store,
      clock,
      primitives: nodePrimitives,
      sodium: await loadSodium(),
      randomBytes,
      appVersion,
      known,
      onEntries: (entries) => {
        const last = entries.at(-1)
        if (last !== undefined) windows.emit('appended', { seq: last.seq })
        if (situation.kind === 'open') {
          situation.alerts.noteEntries(entries)
          situation.sync.noteChange()
        }
        windows.noteChange()
      },
      onProgress: (done, total) => {
        windows.emit('verifyProgress', { done, total })
      },
      onChange: windows.noteChange,
    }
  }

  function settleOpen(vault: OpenVault): void {
    const { log } = vault.context
    const link = createCourierLink(courierHost, systemTimers)
    const sync = createSync({
      context: vault.context,
      registry: vault.registry,
      host: courierHost,
      link,
      onChange: windows.noteChange,
    })
    const alerts = createAlerts({ ...vault, host: alertHost, link, onChange: windows.noteChange })
    const runner: Runner = createRunner({
      clock,
      host,
      append: log.append,
      head: log.head,
      nameOf: (person) => vault.registry.nameOf(person) ?? vault.setup.people().find(({ id }) => id === person)?.name,
      onChange: () => {
        sync.setPaused(runner.view()?.kind === 'unseal')
        windows.noteChange()
      },
    })
    const chooseFolder = async (): Promise<string | null> => (await host.chooseFolder({ purpose: 'export' })).path
    const exporter = createExporter(clock, chooseFolder, windows.noteChange)
    const dueWatch = createDueWatch({
      ...vault,
      alerts,
      overdue: () => listVaultOverdue(vault, describeVaultChannels(vault, alerts)),
      isBusy: () => runner.view() !== null,
      timers: options.timers ?? systemTimers,
    })
    situation = { kind: 'open', vault, runner, exporter, sync, alerts, dueWatch, link }
    windows.noteChange()
  }

  async function begin(names: { vault: string; station: string }): Promise<void> {
    if (situation.kind !== 'none') throw new HalliganError('VAULT_EXISTS')
    settleOpen(await createVault(await makeMeans(), names))
  }

  async function start(): Promise<void> {
    try {
      await loadSodium()
      if (!(await hasVaultFile(dir))) return
      const vault = await openVault(await makeMeans())
      if (vault !== null) settleOpen(vault)
    } catch (error) {
      const { code, detail } = asHalliganError(error)
      situation = { kind: 'refused', damage: { code, detail } }
      await store?.close().catch(() => undefined)
      store = null
    }
  }

  async function close(): Promise<void> {
    await started
    await queue.enter(async () => {
      if (situation.kind === 'open') {
        await situation.runner.close()
        await situation.exporter.close()
        situation.sync.stop()
        situation.alerts.stop()
        situation.dueWatch.stop()
        situation.link.close()
        await closeVault(situation.vault, known)
      } else await store?.close()
      store = null
      situation = { kind: 'refused', damage: { code: 'VAULT_NOT_READY', detail: { reason: 'closed' } } }
    })
    windows.close()
  }

  /** A window that is loaded anew tries again what may have passed: a full disk, another Halligan that was open. */
  function startAgain(): void {
    if (situation.kind !== 'refused' || !passing.has(situation.damage.code)) return
    started = queue.enter(async () => {
      if (situation.kind !== 'refused' || !passing.has(situation.damage.code)) return
      situation = { kind: 'none' }
      await start()
    })
  }

  let started = queue.enter(start)
  return { started, close }
}

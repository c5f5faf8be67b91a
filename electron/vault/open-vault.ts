/** Puts an open vault together: storage, log, people, credentials, requests. */
import type { Entry, NewEntry } from '../../shared/audit/entry.ts'
import type { Clock } from '../../shared/clock.ts'
import { asHalliganError, HalliganError } from '../../shared/errors.ts'
import type { Primitives } from '../../shared/primitives.ts'
import type { Sodium } from '../platform/sodium.ts'
import { queueAlerts } from './alerts/outbox.ts'
import { continueLog, createLog } from './audit/begin-boot.ts'
import { createFrozenLog } from './audit/frozen-log.ts'
import type { KnownFile } from './audit/known-file.ts'
import { keepAfter, type AuditLog, type LogMeans } from './audit/log.ts'
import { loadGenesis, type Genesis } from './audit/tip.ts'
import { createCeremonies, loadCeremonies, type Ceremonies } from './ceremonies/ceremonies.ts'
import { stationActor, type VaultContext } from './context.ts'
import { createCatalogue, type Catalogue } from './credentials/catalogue.ts'
import { eraseDestroyed } from './credentials/destroy.ts'
import { checkIntegrity, trustNewVault, type Damage, type Integrity, type IntegrityMeans } from './integrity.ts'
import { loadChanges, type Changes } from './people/change/changes.ts'
import { createRegistry, loadRegistry, type Registry } from './people/registry.ts'
import { loadSetup, type Setup } from './people/setup.ts'
import { createHistory, describeUnfinished, loadHistory, type History } from './requests/history.ts'
import { createWaitingRoom, type WaitingRoom } from './requests/waiting.ts'
import type { Store } from './store/store.ts'

/** What a vault is opened with, the same for its whole life. */
export interface OpenMeans {
  readonly store: Store
  readonly clock: Clock
  readonly primitives: Primitives
  readonly sodium: Sodium
  readonly randomBytes: (length: number) => Uint8Array
  readonly appVersion: string
  readonly known: KnownFile
  /** Entries that have just become durable. */
  readonly onEntries: (entries: readonly Entry[]) => void
  readonly onProgress: (done: number, total: number) => void
  readonly onChange: () => void
}

export interface OpenVault {
  readonly context: VaultContext
  readonly registry: Registry
  readonly setup: Setup
  readonly changes: Changes
  readonly catalogue: Catalogue
  readonly history: History
  readonly ceremonies: Ceremonies
  readonly integrity: Integrity
  readonly waiting: WaitingRoom
}

/** What follows the log as it grows. */
type Followers = Pick<OpenVault, 'history' | 'ceremonies'>

const opened = (means: OpenMeans): NewEntry => ({
  type: 'app.opened',
  actor: stationActor,
  data: { version: means.appVersion },
})

function toLogMeans(means: OpenMeans, registry: Registry, { history, ceremonies }: Followers): LogMeans {
  const { store, clock, primitives, sodium, randomBytes } = means
  return {
    store,
    clock,
    primitives,
    sodium,
    randomBytes,
    credentialOfRequest: (request) => history.find(request)?.credential,
    // By the routes of the manifest that was in force before: whoever is taken off them hears of it.
    withEntries: (statements, entries, head) =>
      queueAlerts(
        statements,
        registry.inForce()?.manifest.alerts,
        (request) => history.find(request)?.safe,
        entries,
        head,
      ),
    onCommitted: (entries, note) => {
      for (const entry of entries) {
        history.apply(entry)
        ceremonies.apply(entry)
      }
      means.known.offer(
        note,
        entries.some(({ type }) => keepAfter.has(type)),
      )
      means.onEntries(entries)
    },
  }
}

/**
 * Undefined when a page of the file cannot be read: the verification names what is lost, and what is not lost must still be
 * opened in an emergency.
 */
async function unlessUnreadable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    const { code } = asHalliganError(error)
    if (code === 'VAULT_DAMAGED' || code === 'STORAGE_FAILED') return undefined
    throw error
  }
}

/** What the last process would have written had it not died; empty after an orderly end. */
async function describeCrash({ store, clock }: OpenMeans, history: History): Promise<NewEntry[]> {
  const last = await unlessUnreadable(
    store.database.get(`SELECT type FROM entries WHERE type IN ('app.opened', 'app.closed') ORDER BY seq DESC LIMIT 1`),
  )
  const closed: NewEntry = { type: 'app.closed', actor: stationActor, data: { reason: 'crash-recovered' } }
  return [...describeUnfinished(history, clock.wall()), ...(last?.['type'] === 'app.opened' ? [closed] : [])]
}

const toDamage = (error: unknown): Damage => {
  const { code, detail } = asHalliganError(error)
  return { code, detail }
}

/** The log to write to: of damage it is only read. A full or read-only disk is no damage and is thrown. */
async function openLog(
  means: OpenMeans,
  genesis: Genesis,
  registry: Registry,
  followers: Followers,
): Promise<{ log: AuditLog; damage: Damage | null }> {
  try {
    const crash = await describeCrash(means, followers.history)
    return {
      log: await continueLog(toLogMeans(means, registry, followers), genesis, [...crash, opened(means)]),
      damage: null,
    }
  } catch (error) {
    if (!(error instanceof HalliganError) || error.code !== 'LOG_INVALID') throw error
    return { log: createFrozenLog(genesis), damage: toDamage(error) }
  }
}

async function openRegistry({ store, primitives }: OpenMeans): Promise<{ registry: Registry; damage: Damage | null }> {
  try {
    return { registry: await loadRegistry(store.database, primitives), damage: null }
  } catch (error) {
    if (!(error instanceof HalliganError) || error.code !== 'MANIFEST_INVALID') throw error
    return { registry: createRegistry(primitives, []), damage: toDamage(error) }
  }
}

async function assemble(
  means: OpenMeans,
  log: AuditLog,
  registry: Registry,
  { history, ceremonies }: Followers,
  makeIntegrity: (means: IntegrityMeans) => Integrity,
): Promise<OpenVault> {
  const { store, clock, primitives, randomBytes } = means
  const context: VaultContext = { store, log, clock, primitives, randomBytes }
  const catalogue = createCatalogue(context, registry, history, means.onChange)
  const setup = await loadSetup(context, registry)
  const { known, onProgress, onChange } = means
  const changes = await loadChanges({ context, registry, catalogue, history, onChange })
  const integrity = makeIntegrity({ context, catalogue, history, ceremonies, known, onProgress, onChange })
  const waiting = createWaitingRoom(context, registry, onChange)
  return { context, registry, setup, changes, catalogue, history, ceremonies, integrity, waiting }
}

/**
 * Opens the vault in `means.store` and starts its check.
 * @returns null when there is no vault yet
 * @throws HalliganError LOG_INVALID when not even its first entry can be read, VAULT_DAMAGED, STORAGE_*
 */
export async function openVault(means: OpenMeans): Promise<OpenVault | null> {
  const genesis = await loadGenesis(means.store.database)
  if (genesis === null) return null
  means.known.attach(genesis.vault, genesis.origin)
  const history = createHistory()
  const ceremonies = createCeremonies()
  const followers = { history, ceremonies }
  await unlessUnreadable(eraseDestroyed(means.store))
  await unlessUnreadable(loadHistory(means.store.database, history))
  await unlessUnreadable(loadCeremonies(means.store.database, ceremonies))
  const { registry, damage: manifestDamage } = await openRegistry(means)
  const { log, damage: logDamage } = await openLog(means, genesis, registry, followers)
  return assemble(means, log, registry, followers, (integrity) =>
    checkIntegrity(integrity, logDamage ?? manifestDamage),
  )
}

/** Begins a new vault in `means.store`, which must hold none. */
export async function createVault(
  means: OpenMeans,
  names: { readonly vault: string; readonly station: string },
): Promise<OpenVault> {
  const followers = { history: createHistory(), ceremonies: createCeremonies() }
  const registry = createRegistry(means.primitives, [])
  const log = await createLog(toLogMeans(means, registry, followers), names, [opened(means)])
  means.known.attach(log.genesis.vault, log.genesis.origin)
  return assemble(means, log, registry, followers, trustNewVault)
}

/** The orderly end: last entry, known checkpoint, lock. */
export async function closeVault({ context, integrity, waiting }: OpenVault, known: KnownFile): Promise<void> {
  integrity.stop()
  const closed: NewEntry = { type: 'app.closed', actor: stationActor, data: { reason: 'quit' } }
  // On a full disk the next start says it instead.
  await context.log.append([...waiting.close(), closed]).catch(() => undefined)
  await known.flush()
  await context.log.close()
  await context.store.close()
}

/**
 * The log's writer: durable appends, grouped into one commit when they come together, a signed checkpoint with each.
 * Public face of this folder, with begin-boot.ts, timeline.ts and verify-vault.ts.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import { writeAlertText, type AlertFacts } from '../../../shared/audit/alert-text.ts'
import { signCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { exportDescriptionFile, type ExportDescription } from '../../../shared/audit/export-description.ts'
import { entrySchema, type Entry, type EntryType, type NewEntry } from '../../../shared/audit/entry.ts'
import { treeRoot } from '../../../shared/audit/merkle.ts'
import type { Clock } from '../../../shared/clock.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import type { Statements } from '../store/driver.ts'
import type { Store } from '../store/store.ts'
import { indexEntry } from './index-entry.ts'
import { placeEntries, type Boot, type Placement, type Tip } from './place-entries.ts'
import { signWith, type SigningMeans, type StationKey } from './station-key.ts'
import { tipToRow, type Genesis } from './tip.ts'

/** Work that shares the transaction of an append: it is durable with the entries or not at all. */
export type AlsoInTransaction = (statements: Statements, entries: readonly Entry[]) => Promise<void>

/** A checkpoint is kept for good when a commit crosses a multiple of this, and after entries that matter most. */
const keepEvery = 1024
export const keepAfter: ReadonlySet<EntryType> = new Set([
  'vault.created',
  'log.key-rotated',
  'request.granted',
  'window.closed',
])

/** What the log stands on. */
export interface LogMeans extends SigningMeans {
  readonly store: Store
  readonly clock: Clock
  readonly primitives: Primitives
  /** Which credential a request is about, for the index beside the entries. */
  readonly credentialOfRequest: (request: string) => string | undefined
  /**
   * What goes into the transaction of every commit, with its entries and the head after them; none of it may wait for anything
   * but the database. If it fails, so does the commit.
   */
  readonly withEntries: (statements: Statements, entries: readonly Entry[], head: LogHead) => Promise<void>
  /** Called after every commit, before its appends resolve. */
  readonly onCommitted: (entries: readonly Entry[], note: string) => void
}

export interface AuditLog {
  readonly genesis: Genesis
  /** Size and root after the last commit. */
  readonly head: () => LogHead
  readonly lastAt: () => string | null
  /** The newest signed checkpoint. */
  readonly note: () => string
  /**
   * Appends entries next to each other. Resolves after COMMIT with `synchronous=FULL`: they are on the disk.
   * @throws HalliganError STORAGE_*, VAULT_DAMAGED, and whatever `also` throws; then nothing was appended
   */
  readonly append: (entries: readonly NewEntry[], also?: AlsoInTransaction) => Promise<readonly Entry[]>
  /** Keeps the checkpoint of the present head for good and returns that head: somebody is about to rely on it. */
  readonly keepHead: () => Promise<LogHead>
  /** Content of `export.json` for an export of a head of this boot, signed by its key. */
  readonly signExport: (description: ExportDescription) => Uint8Array
  /** The short text about a request (shared/audit/alert-text.ts), signed by the key of this boot. */
  readonly signAlert: (facts: AlertFacts) => string
  /** Waits for appends under way and wipes the key; later appends reject with VAULT_DAMAGED. */
  readonly close: () => Promise<void>
}

/** Writes one commit: entries with their index, the checkpoint of the new size, the state to continue from. */
export async function writeCommit(
  statements: Statements,
  means: LogMeans,
  origin: string,
  placement: Placement,
  key: StationKey,
): Promise<string> {
  const { placed, tip } = placement
  await statements.insertRows(
    'entries (seq, bytes, type, at, person, credential, words)',
    placed.map(({ entry, bytes }) => {
      const { person, credential, words } = indexEntry(entry, means.credentialOfRequest)
      return [entry.seq, bytes, entry.type, entry.at, person, credential, words]
    }),
  )
  const { size } = tip.tree
  const root = treeRoot(means.primitives, tip.tree)
  const sign = (message: Uint8Array): Uint8Array => signWith(means.sodium, key, message)
  const note = signCheckpoint(means.primitives, { origin, size, root }, key.publicKey, sign)
  const isKept =
    placed.some(({ entry }) => keepAfter.has(entry.type)) ||
    Math.floor(size / keepEvery) > Math.floor((size - placed.length) / keepEvery)
  await statements.run('DELETE FROM checkpoints WHERE kept = 0')
  await statements.run('INSERT INTO checkpoints (size, note, kept) VALUES (?, ?, ?)', size, note, isKept ? 1 : 0)
  await statements.run(
    'INSERT OR REPLACE INTO log_state (one, size, last, frontier) VALUES (1, ?, ?, ?)',
    ...tipToRow(tip),
  )
  const entries = placed.map(({ entry }) => entry)
  await means.withEntries(statements, entries, { size, root: toBase64Url(root) })
  return note
}

/**
 * Places entries and makes sure that they are what the verifier will read: an entry that broke its own schema would damage
 * the vault for good.
 */
export function placeChecked(
  means: LogMeans,
  boot: Boot,
  tip: Tip,
  bootStart: number,
  entries: readonly NewEntry[],
): Placement {
  const now = { wall: means.clock.wall(), monotonic: Math.max(0, means.clock.monotonic() - bootStart) }
  const placement = placeEntries(means.primitives, boot, tip, now, entries)
  for (const { entry } of placement.placed) {
    const checked = entrySchema.safeParse(entry)
    if (!checked.success) throw new HalliganError('INTERNAL', { entry: entry.type }, checked.error)
  }
  return placement
}

interface Pending {
  readonly entries: readonly NewEntry[]
  readonly also: AlsoInTransaction | undefined
  readonly resolve: (entries: readonly Entry[]) => void
  readonly reject: (error: unknown) => void
}

/** What a boot hands to the writer. */
export interface LogStart {
  readonly genesis: Genesis
  readonly boot: Boot
  readonly bootStart: number
  readonly key: StationKey
  readonly tip: Tip
  readonly note: string
}

/** Says that the ballast was given up, if it was. */
export const ballastEntries = (bytes: number): readonly NewEntry[] =>
  bytes === 0 ? [] : [{ type: 'storage.ballast-released', actor: { kind: 'station' }, data: { bytes } }]

/** The writer, from where a boot's first commit left off. */
export function createLogWriter(means: LogMeans, start: LogStart): AuditLog {
  const { store, primitives } = means
  const { genesis, boot, bootStart, key } = start
  let { tip, note } = start
  let waiting: Pending[] = []
  let flushing: Promise<void> | null = null
  let closed = false

  async function commit(group: readonly Pending[]): Promise<readonly (readonly Entry[])[]> {
    const done = await store.transactAtAnyCost(async (statements, released) => {
      const size = (await statements.get('SELECT size FROM log_state'))?.['size']
      // Somebody else wrote, or a failed commit was none: continuing here would fork the log.
      if (size !== tip.tree.size) throw new HalliganError('VAULT_DAMAGED', { reason: 'log-moved' })
      const wanted = group.flatMap(({ entries }) => entries)
      const placement = placeChecked(means, boot, tip, bootStart, [...ballastEntries(released), ...wanted])
      const signed = await writeCommit(statements, means, genesis.origin, placement, key)
      const all = placement.placed.map(({ entry }) => entry)
      let at = all.length - wanted.length
      const parts: (readonly Entry[])[] = []
      for (const { entries, also } of group) {
        const part = all.slice(at, (at += entries.length))
        await also?.(statements, part)
        parts.push(part)
      }
      return { placement, signed, parts, all }
    })
    ;({ tip } = done.placement)
    note = done.signed
    means.onCommitted(done.all, note)
    return done.parts
  }

  async function commitGroup(group: readonly Pending[]): Promise<void> {
    try {
      const parts = await commit(group)
      for (const [index, { resolve }] of group.entries()) resolve(parts[index] ?? [])
    } catch (error) {
      const [first, ...rest] = group
      if (rest.length === 0) first?.reject(error)
      // One append's own work may have failed; the others must not fail with it.
      else for (const one of group) await commitGroup([one])
    }
  }

  async function flush(): Promise<void> {
    // One turn of the event loop: appends that come together share a commit.
    await Promise.resolve()
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await commitGroup(group)
    }
    flushing = null
  }

  return {
    genesis,
    head: () => ({ size: tip.tree.size, root: toBase64Url(treeRoot(primitives, tip.tree)) }),
    lastAt: () => tip.lastAt,
    note: () => note,
    append: (entries, also) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new HalliganError('VAULT_DAMAGED', { reason: 'log-closed' }))
          return
        }
        waiting.push({ entries, also, resolve, reject })
        flushing ??= flush()
      }),
    keepHead: () =>
      store.database.transaction(async (statements) => {
        const { size } = tip.tree
        await statements.run('UPDATE checkpoints SET kept = 1 WHERE size = ? AND kept = 0', size)
        return { size, root: toBase64Url(treeRoot(primitives, tip.tree)) }
      }),
    signExport: (description) => exportDescriptionFile(description, (message) => signWith(means.sodium, key, message)),
    signAlert: (facts) =>
      writeAlertText(facts, toBase64Url(key.publicKey), (message) => signWith(means.sodium, key, message)),
    close: async () => {
      closed = true
      await flushing
      key.secret.wipe()
    },
  }
}

/** Writes exports: exact bytes, checkpoints, manifests, what people read, the verifiers (docs/format.md, "Export"). */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import { checkpointPart, exportFiles, logLine, manifestLine } from '../../../shared/audit/export.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { ExportDescription } from '../../../shared/audit/export-description.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntryRows, signedManifestBytes } from '../audit/verify-vault.ts'
import type { VaultContext } from '../context.ts'
import { asStorageError } from '../store/storage-error.ts'
import type { ExportKit } from './export-kit.ts'
import { damagedReadme, exportReadme } from './export-readme.ts'
import { openExportTarget, type ExportTarget, type WrittenFile } from './export-target.ts'
import { chooseEntries, type ExportedEntries } from './exported-entries.ts'
import { addReports } from './report-files.ts'

/** What is to be exported, and to where. */
export interface ExportWish {
  /** Null: the whole log. */
  readonly selection: Selection | null
  /** One file instead of a folder. */
  readonly archive: boolean
  /** Folder that a person or the command line named; made if it is not there. */
  readonly chosen: string
}

/** Everything is on the disk, under names that nobody takes for an export. */
export interface PreparedExport {
  /** Where it will be: a folder, or one file. */
  readonly path: string
  /** SHA-256 of the entries' file, base64url. */
  readonly digest: string
  /** Makes it an export. @throws HalliganError EXPORT_FAILED {reason} */
  readonly publish: () => Promise<void>
  readonly abandon: () => Promise<void>
}

type ExportContext = Pick<VaultContext, 'store' | 'log' | 'clock' | 'primitives'>

/** What a damaged vault is exported from: nothing that would have to be verified first. */
type DamagedContext = Pick<VaultContext, 'store' | 'clock'> & { readonly log: Pick<VaultContext['log'], 'genesis'> }

const asExportError = (error: unknown): HalliganError => {
  // What was asked for, or the vault itself, is at fault: another folder would not help.
  if (
    error instanceof HalliganError &&
    ['CANCELLED', 'PERSON_UNKNOWN', 'CREDENTIAL_UNKNOWN', 'LOG_INVALID'].includes(error.code)
  )
    return error
  return new HalliganError('EXPORT_FAILED', { reason: String(asStorageError(error).detail['reason'] ?? '') }, error)
}

/** Whatever goes wrong, nothing half-written stays. */
async function orAbandon<T>(target: ExportTarget, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await target.abandon()
    throw asExportError(error)
  }
}

async function openTarget({ clock }: Pick<ExportContext, 'clock'>, wish: Omit<ExportWish, 'selection'>) {
  const ms = clock.wall()
  const at = { ms, text: toTimestamp(ms) }
  try {
    return { target: await openExportTarget(wish.chosen, wish.archive, at), at }
  } catch (error) {
    throw asExportError(error)
  }
}

/** The same target, which takes nothing more after `stop`. */
function stopWriting(target: ExportTarget, stop: AbortSignal): ExportTarget {
  const check = (): void => {
    if (stop.aborted) throw new HalliganError('CANCELLED')
  }
  return {
    ...target,
    add: (name, fill) =>
      target.add(name, async (write) => {
        check()
        await fill(async (bytes) => {
          check()
          await write(bytes)
        })
        check()
      }),
  }
}

const addText = (target: ExportTarget, name: string, text: string): Promise<WrittenFile> =>
  target.add(name, (write) => write(utf8(text)))

/** Notes up to `size`; of a part only the one that its proofs lead to. */
async function readCheckpoints({ store }: Pick<ExportContext, 'store'>, size: number, last: boolean): Promise<string> {
  const which = last ? 'size = ?' : 'size <= ?'
  const rows = await store.database.all(`SELECT note FROM checkpoints WHERE ${which} ORDER BY size`, size)
  return rows.map(({ note }, index) => checkpointPart(String(note), index === 0)).join('')
}

/** Manifests that the exported part of the log knows of. */
async function manifestsAt(
  { store }: ExportContext,
  chain: readonly SignedManifest[],
  size: number,
): Promise<readonly SignedManifest[]> {
  const row = await store.database.get(
    `SELECT COUNT(*) AS changes FROM entries WHERE type = 'manifest.changed' AND seq < ?`,
    size,
  )
  return chain.slice(0, Number(row?.['changes'] ?? 0))
}

/** The entries' own file and, in a part, their proofs. The first file is the one that `export.made` names. */
async function addEntries(target: ExportTarget, entries: ExportedEntries): Promise<[WrittenFile, ...WrittenFile[]]> {
  const { plan, read } = entries
  const name = plan === null ? exportFiles.log : exportFiles.entries
  const log = await target.add(name, async (write) => {
    for await (const batch of read()) await write(concatBytes(...batch.map(logLine)))
  })
  if (plan === null) return [log]
  const proofs = await target.add(exportFiles.proofs, async (write) => {
    for await (const batch of read()) await write(concatBytes(...batch.map(plan.proofLine)))
  })
  return [log, proofs]
}

async function addKit(target: ExportTarget, kit: ExportKit | null): Promise<WrittenFile[]> {
  const files: WrittenFile[] = []
  for (const { name, bytes } of (await kit?.verifiers()) ?? []) {
    files.push(await target.add(name, (write) => write(bytes)))
  }
  return files
}

/**
 * Writes an export of the log up to `head`, whose checkpoint must have been kept. It is none before it is published: what must
 * be on record first can be.
 * @param signer who signs for it, and their tap; null when nobody does
 * @param stop asked before everything that is written
 * @throws HalliganError CANCELLED after `stop`, EXPORT_FAILED {reason}, PERSON_UNKNOWN, CREDENTIAL_UNKNOWN, LOG_INVALID; nothing half-written is left
 */
export async function prepareExport(
  context: ExportContext,
  chain: readonly SignedManifest[],
  head: LogHead,
  wish: ExportWish,
  kit: ExportKit | null,
  signer: { readonly name: string; readonly signed: NonNullable<ExportDescription['signed']> } | null,
  stop?: AbortSignal,
): Promise<PreparedExport> {
  const { store, primitives, log } = context
  const { selection } = wish
  const { target: opened, at } = await openTarget(context, wish)
  const target = stop === undefined ? opened : stopWriting(opened, stop)
  return orAbandon(target, async () => {
    const entries = await chooseEntries(store, primitives, selection, head.size, stop)
    const [first, ...more] = await addEntries(target, entries)
    const notes = await readCheckpoints(context, head.size, selection !== null)
    const checkpoints = await addText(target, exportFiles.checkpoints, notes)
    const manifests = await manifestsAt(context, chain, head.size)
    const people = await target.add(exportFiles.manifests, (write) =>
      write(concatBytes(...manifests.map(manifestLine))),
    )
    const { genesis } = log
    const reports = await addReports(target, {
      chain: manifests,
      selection,
      entries: entries.read,
      kit,
      facts: {
        vaultName: genesis.vaultName,
        stationName: genesis.stationName,
        vault: genesis.vault,
        station: genesis.station,
        at: at.text,
        atMs: at.ms,
        signedBy: signer?.name ?? null,
        isPart: selection !== null,
        head,
        words: headWords(primitives, head),
        entries: entries.shown,
      },
    })
    const files = [first, ...more, checkpoints, people, ...reports.files, ...(await addKit(target, kit))]
    files.push(await addText(target, exportFiles.readme, exportReadme(reports.facts, files)))
    await target.add(exportFiles.description, (write) =>
      write(
        log.signExport({
          format: 'halligan/export/v1',
          kind: selection === null ? 'whole' : 'part',
          vault: genesis.vault,
          station: genesis.station,
          at: at.text,
          ...head,
          selection,
          ...(signer === null ? {} : { signed: signer.signed }),
          selected: entries.selected,
          shown: entries.shown,
          files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        }),
      ),
    )
    return {
      path: target.path,
      digest: first.sha256,
      publish: () => orAbandon(target, target.publish),
      abandon: target.abandon,
    }
  })
}

/**
 * Exports what a damaged vault holds, byte for byte and unverified: what an investigation starts from. Records nothing.
 * @throws HalliganError EXPORT_FAILED {reason}
 */
export async function writeDamagedExport(
  context: DamagedContext,
  wish: Omit<ExportWish, 'selection'>,
): Promise<{ readonly path: string }> {
  const { store } = context
  const { target, at } = await openTarget(context, wish)
  return orAbandon(target, async () => {
    const last = (await store.database.get('SELECT MAX(seq) AS last FROM entries'))?.['last']
    const size = typeof last === 'number' ? last + 1 : 0
    await target.add(exportFiles.log, async (write) => {
      for (let from = -1; from < size - 1;) {
        const rows = await readEntryRows(store, from, size)
        await write(concatBytes(...rows.map(({ bytes }) => logLine(bytes as Uint8Array))))
        const next = rows.at(-1)?.['seq']
        from = typeof next === 'number' ? next : size
      }
    })
    await addText(target, exportFiles.checkpoints, await readCheckpoints(context, Number.MAX_SAFE_INTEGER, false))
    const manifests = await store.database.all('SELECT bytes, signatures FROM manifests ORDER BY version')
    await target.add(exportFiles.manifests, (write) =>
      write(concatBytes(...manifests.map((row) => logLine(signedManifestBytes(row))))),
    )
    await addText(target, exportFiles.readme, damagedReadme(context.log.genesis.vaultName, at.text))
    await target.publish()
    return { path: target.path }
  })
}

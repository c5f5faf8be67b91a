/** Writes the export folder: exact bytes of entries, checkpoints, manifests (docs/format.md, "Export"). */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { toBase64Url } from '../../../shared/bytes.ts'
import { checkpointPart, exportFiles, exportReadme, logLine, manifestLine } from '../../../shared/audit/export.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntryRows, signedManifestBytes } from '../audit/verify-vault.ts'
import type { VaultContext } from '../context.ts'
import { syncFolder } from '../store/folder.ts'
import { asStorageError } from '../store/storage-error.ts'

const batchSize = 500

export interface WrittenExport {
  /** Where the files are. */
  readonly folder: string
  /** SHA-256 of log.jsonl, base64url. */
  readonly digest: string
}

type ExportContext = Pick<VaultContext, 'store' | 'log' | 'clock' | 'primitives'>

/** What a damaged vault is exported from: nothing that would have to be verified first. */
type DamagedContext = Pick<VaultContext, 'store' | 'clock'> & { readonly log: Pick<VaultContext['log'], 'genesis'> }

/** An empty folder is used as it is; in one that holds anything else, a new one is made, so that nothing is overwritten. */
async function settleFolder(chosen: string, at: string): Promise<string> {
  await mkdir(chosen, { recursive: true, mode: 0o700 })
  if ((await readdir(chosen)).length === 0) return chosen
  const inside = path.join(chosen, `halligan-export-${at.replaceAll(/[:.]/g, '-')}`)
  await mkdir(inside, { mode: 0o700 })
  return inside
}

/** A new file, durable before `write`'s promise resolves. */
async function writeFile(folder: string, name: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path.join(folder, name), 'wx', 0o600)
  try {
    await write(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeLog({ store }: ExportContext, handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256')
  for (let from = 0; from < size; from += batchSize) {
    const rows = await store.database.all(
      'SELECT bytes FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq',
      from,
      Math.min(from + batchSize, size),
    )
    const lines = Buffer.concat(rows.map(({ bytes }) => logLine(bytes as Uint8Array)))
    hash.update(lines)
    await handle.appendFile(lines)
  }
  return toBase64Url(hash.digest())
}

async function writeCheckpoints(
  { store }: Pick<ExportContext, 'store'>,
  handle: FileHandle,
  size: number,
): Promise<void> {
  const rows = await store.database.all('SELECT note FROM checkpoints WHERE size <= ? ORDER BY size', size)
  await handle.appendFile(rows.map(({ note }, index) => checkpointPart(String(note), index === 0)).join(''))
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

/**
 * Exports the log up to `head`, whose checkpoint must have been kept.
 * @param chosen folder that a person or the command line named; made if it is not there
 * @throws HalliganError EXPORT_FAILED {reason}; nothing half-written is left
 */
export async function writeExport(
  context: ExportContext,
  chain: readonly SignedManifest[],
  head: LogHead,
  chosen: string,
): Promise<WrittenExport> {
  const at = toTimestamp(context.clock.wall())
  const { genesis } = context.log
  let folder: string | null = null
  try {
    folder = await settleFolder(chosen, at)
    const target = folder
    let digest = ''
    await writeFile(target, exportFiles.log, async (handle) => {
      digest = await writeLog(context, handle, head.size)
    })
    await writeFile(target, exportFiles.checkpoints, (handle) => writeCheckpoints(context, handle, head.size))
    const manifests = await manifestsAt(context, chain, head.size)
    await writeFile(target, exportFiles.manifests, (handle) =>
      handle.appendFile(Buffer.concat(manifests.map(manifestLine))),
    )
    const words = headWords(context.primitives, head)
    const facts = { vaultName: genesis.vaultName, vault: genesis.vault, station: genesis.station, head, words, at }
    await writeFile(target, exportFiles.readme, (handle) => handle.appendFile(exportReadme(facts)))
    await syncFolder(target)
    return { folder: target, digest }
  } catch (error) {
    const written = folder
    if (written !== null) {
      await Promise.allSettled(Object.values(exportFiles).map((name) => rm(path.join(written, name), { force: true })))
    }
    throw new HalliganError('EXPORT_FAILED', { reason: String(asStorageError(error).detail['reason'] ?? '') }, error)
  }
}

const damagedReadme = (vaultName: string, at: string): string =>
  `Audit log of the Halligan vault "${vaultName}", as it stands in a damaged vault

Exported   ${at}

The vault does not verify, so nothing here was checked, and THIS EXPORT IS NOT RECORDED IN THE LOG.

${exportFiles.log}        every entry as it is stored, one per line; an empty line where one cannot be read
${exportFiles.checkpoints}  every signed tree head that was kept
${exportFiles.manifests}  who holds what, every version, as stored

Verify it on a machine that you trust, against a checkpoint that you received earlier by another way:

    halligan verify THIS-FOLDER --known-checkpoint FILE

No file here holds a secret. They hold names, reasons and times: treat them as internal.
`

/**
 * Exports what a damaged vault holds, byte for byte and unverified: what an investigation starts from. Records nothing.
 * @param chosen as in {@link writeExport}
 * @throws HalliganError EXPORT_FAILED {reason}
 */
export async function writeDamagedExport(
  context: DamagedContext,
  chosen: string,
): Promise<{ readonly folder: string }> {
  const at = toTimestamp(context.clock.wall())
  const { store } = context
  try {
    const folder = await settleFolder(chosen, at)
    const last = (await store.database.get('SELECT MAX(seq) AS last FROM entries'))?.['last']
    const size = typeof last === 'number' ? last + 1 : 0
    await writeFile(folder, exportFiles.log, async (handle) => {
      for (let from = -1; from < size - 1;) {
        const rows = await readEntryRows(store, from, size)
        await handle.appendFile(Buffer.concat(rows.map(({ bytes }) => logLine(bytes as Uint8Array))))
        const next = rows.at(-1)?.['seq']
        from = typeof next === 'number' ? next : size
      }
    })
    await writeFile(folder, exportFiles.checkpoints, (handle) =>
      writeCheckpoints(context, handle, Number.MAX_SAFE_INTEGER),
    )
    const manifests = await store.database.all('SELECT bytes, signatures FROM manifests ORDER BY version')
    await writeFile(folder, exportFiles.manifests, (handle) =>
      handle.appendFile(Buffer.concat(manifests.map((row) => logLine(signedManifestBytes(row))))),
    )
    await writeFile(folder, exportFiles.readme, (handle) =>
      handle.appendFile(damagedReadme(context.log.genesis.vaultName, at)),
    )
    await syncFolder(folder)
    return { folder }
  } catch (error) {
    throw new HalliganError('EXPORT_FAILED', { reason: String(asStorageError(error).detail['reason'] ?? '') }, error)
  }
}

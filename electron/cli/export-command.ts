/**
 * `halligan export`: writes an export and says so in the log. It opens the vault as the app does, with the writer's lock, so that
 * the log cannot grow meanwhile; it cannot while the app is open.
 */
import { writeDamagedExport, writeExport } from '../vault/export/write-export.ts'
import { createKnownFile } from '../vault/audit/known-file.ts'
import { closeVault, openVault, type OpenMeans } from '../vault/open-vault.ts'
import { openStore } from '../vault/store/store.ts'
import { HalliganError } from '../../shared/errors.ts'
import { systemClock } from '../platform/clock.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { loadSodium, randomBytes } from '../platform/sodium.ts'
import { exitCode } from './exit-codes.ts'
import type { Output } from './output.ts'
import { requireVault } from './vault-folder.ts'

export interface ExportArguments {
  readonly vault: string
  /** Folder for the files; one that is not empty gets a new folder inside. */
  readonly to: string
  readonly appVersion: string
}

const ignore = (): void => undefined

/**
 * Exports the whole log and appends `export.made`, unsigned: nobody tapped for it. A vault whose manifests or end of the log do
 * not verify is only read: what it holds is exported as it is, and not recorded.
 * @returns where the files are
 * @throws HalliganError VAULT_MISSING, VAULT_LOCKED_BY_OTHER, VAULT_UNSAFE_PERMISSIONS, VAULT_DAMAGED, EXPORT_FAILED, STORAGE_*
 */
export async function exportVault({ vault: dir, to, appVersion }: ExportArguments): Promise<string> {
  await requireVault(dir)
  const sodium = await loadSodium()
  const store = await openStore({ dir, randomBytes })
  // The station's known checkpoint belongs to the app; what it knows stays true of the longer log.
  const known = createKnownFile(null)
  const means: OpenMeans = {
    store,
    clock: systemClock,
    primitives: nodePrimitives,
    sodium,
    randomBytes,
    appVersion,
    known,
    onEntries: ignore,
    onProgress: ignore,
    onChange: ignore,
  }
  const vault = await openVault(means).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  if (vault === null) {
    await store.close()
    throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
  }
  try {
    const { log } = vault.context
    if (vault.integrity.blocks()) return (await writeDamagedExport(vault.context, to)).folder
    const head = await log.keepHead()
    const { folder, digest } = await writeExport(vault.context, vault.registry.chain(), head, to)
    await log.append([{ type: 'export.made', actor: { kind: 'station' }, data: { ...head, digest, signed: null } }])
    return folder
  } finally {
    await closeVault(vault, known)
  }
}

/** Runs the command. @returns exit code 0. @throws HalliganError as {@link exportVault} */
export async function runExport(args: ExportArguments, output: Output): Promise<number> {
  const folder = await exportVault(args)
  output.write(`Exported to ${folder}\n`)
  return exitCode.ok
}

/** An export from the command line, beside no app: a start of its own in the log, no tap, and recorded as just that. */
import type { Clock } from '../../shared/clock.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { loadSodium, randomBytes } from '../platform/sodium.ts'
import { createKnownFile } from './audit/known-file.ts'
import { stationActor } from './context.ts'
import { createExportKit } from './export/export-kit.ts'
import { prepareExport, writeDamagedExport, type ExportWish } from './export/write-export.ts'
import { closeVault, openVault } from './open-vault.ts'
import { hasVaultFile, openStore } from './store/store.ts'

export interface ExportOptions {
  /** Vault folder. */
  readonly dir: string
  /** What, and where to: a folder, or one inside it when it is not empty. */
  readonly wish: ExportWish
  /** The folder that the program runs from, for the files that it adds; null adds none. */
  readonly programDir: string | null
  readonly clock: Clock
  readonly appVersion: string
  /** As the app's; null leaves it alone. */
  readonly knownCheckpointFile: string | null
}

export interface VaultExport {
  /** The folder or file that was made. */
  readonly path: string
  /** Entries exported and SHA-256 of their file (base64url); null when nothing could be recorded. */
  readonly recorded: { readonly size: number; readonly digest: string } | null
}

/**
 * Exports the vault in `dir` and appends `export.made` without a signature: nobody tapped for it. A vault whose manifests or
 * end of the log do not verify is only read: what it holds is exported as it is, and not recorded.
 * @returns where it was written, and what export.made says of it
 * @throws HalliganError VAULT_MISSING, VAULT_LOCKED_BY_OTHER while the app is open, VAULT_*, EXPORT_FAILED,
 * PERSON_UNKNOWN, CREDENTIAL_UNKNOWN, STORAGE_*
 */
export async function exportVault(options: ExportOptions): Promise<VaultExport> {
  const { dir, wish, programDir, clock, appVersion } = options
  if (!(await hasVaultFile(dir))) throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
  const sodium = await loadSodium()
  const known = createKnownFile(options.knownCheckpointFile)
  const store = await openStore({ dir, randomBytes })
  const means = { store, clock, primitives: nodePrimitives, sodium, randomBytes, appVersion, known }
  const ignore = (): void => undefined
  const vault = await openVault({ ...means, onEntries: ignore, onProgress: ignore, onChange: ignore }).catch(
    async (error: unknown) => {
      await store.close()
      throw error
    },
  )
  if (vault === null) {
    await store.close()
    throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
  }
  try {
    const { log } = vault.context
    if (vault.integrity.blocks()) {
      const { path } = await writeDamagedExport(vault.context, wish)
      return { path, recorded: null }
    }
    const head = await log.keepHead()
    const kit = programDir === null ? null : createExportKit(programDir)
    const made = await prepareExport(vault.context, vault.registry.chain(), head, wish, kit, null)
    const data = { ...head, digest: made.digest, signed: null }
    try {
      await log.append([{ type: 'export.made', actor: stationActor, data }])
    } catch (error) {
      await made.abandon()
      throw error
    }
    await made.publish()
    return { path: made.path, recorded: { size: head.size, digest: made.digest } }
  } finally {
    await closeVault(vault, known)
  }
}

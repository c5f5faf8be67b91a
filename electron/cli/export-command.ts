/**
 * `halligan export`: writes an export and says so in the log. It opens the vault as the app does, with the writer's lock, so that
 * the log cannot grow meanwhile; it cannot while the app is open.
 */
import { exportVault } from '../vault/export-vault.ts'
import { systemClock } from '../platform/clock.ts'
import { exitCode } from './exit-codes.ts'
import type { Output } from './output.ts'
import { requireVault } from './vault-folder.ts'

export interface ExportArguments {
  readonly vault: string
  /** Folder for the files; one that is not empty gets a new folder inside. */
  readonly to: string
  readonly appVersion: string
}

/** Runs the command. @returns exit code 0. @throws HalliganError as {@link exportVault} */
export async function runExport({ vault, to, appVersion }: ExportArguments, output: Output): Promise<number> {
  await requireVault(vault)
  // The station's known checkpoint belongs to the app; what it knows stays true of the longer log.
  const { folder } = await exportVault({
    dir: vault,
    folder: to,
    appVersion,
    clock: systemClock,
    knownCheckpointFile: null,
  })
  output.write(`Exported to ${folder}\n`)
  return exitCode.ok
}

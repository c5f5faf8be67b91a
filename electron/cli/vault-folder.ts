/** Where vaults are. */
import { stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { exportFiles, vaultDatabaseFile } from '../../shared/audit/export.ts'
import { HalliganError } from '../../shared/errors.ts'

/** Where the app keeps its vault unless it is told otherwise: Electron's `userData` of an app named Halligan. */
export function defaultVaultDir(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
  home = os.homedir(),
): string {
  if (platform === 'win32') {
    return path.win32.join(environment['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming'), 'Halligan', 'vault')
  }
  const appData =
    platform === 'darwin'
      ? path.posix.join(home, 'Library', 'Application Support')
      : (environment['XDG_CONFIG_HOME'] ?? path.posix.join(home, '.config'))
  return path.posix.join(appData, 'Halligan', 'vault')
}

const isFile = async (file: string): Promise<boolean> => (await stat(file).catch(() => null))?.isFile() === true

/**
 * Says what a folder is.
 * @throws HalliganError VAULT_MISSING {path} when it is neither a vault nor an export
 */
export async function recogniseFolder(dir: string): Promise<'vault' | 'export'> {
  if (await isFile(path.join(dir, vaultDatabaseFile))) return 'vault'
  if (await isFile(path.join(dir, exportFiles.log))) return 'export'
  throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
}

/** @throws HalliganError VAULT_MISSING {path} when `dir` holds no vault (an export is none) */
export async function requireVault(dir: string): Promise<void> {
  if (!(await isFile(path.join(dir, vaultDatabaseFile))))
    throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
}

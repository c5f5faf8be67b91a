/** Where vaults are. */
import { stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { vaultDatabaseFile } from '../../shared/audit/export.ts'
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

/** True when the folder holds a vault's database. */
export const isVault = (dir: string): Promise<boolean> => isFile(path.join(dir, vaultDatabaseFile))

/** @throws HalliganError VAULT_MISSING {path} when `dir` holds no vault (an export is none) */
export async function requireVault(dir: string): Promise<void> {
  if (!(await isVault(dir))) throw new HalliganError('VAULT_MISSING', { path: dir.slice(-300) })
}

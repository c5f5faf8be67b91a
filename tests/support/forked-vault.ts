/** The vault as a process of its own, bundled once, so that a test can kill it. */
import { buildSync } from 'esbuild'
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import { fromRoot } from '../../build/paths.ts'
import type { VaultLink } from './vault-world.ts'

export interface VaultProgram {
  readonly start: (options: { readonly dir: string; readonly knownCheckpointFile: string | null }) => ForkedVault
  readonly remove: () => void
}

export interface ForkedVault extends VaultLink {
  readonly child: ChildProcess
}

/** Bundles `electron/vault/process.ts` for plain Node. */
export function bundleVault(): VaultProgram {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-program-'))
  const file = path.join(dir, 'vault.cjs')
  buildSync({
    entryPoints: [fromRoot('electron/vault/process.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['sqlite3'],
    outfile: file,
    logLevel: 'error',
  })
  return {
    start: ({ dir: vaultDir, knownCheckpointFile }) => {
      const options = JSON.stringify({ dir: vaultDir, knownCheckpointFile, appVersion: '0.0.0+test' })
      const child = fork(file, [options], {
        serialization: 'advanced',
        execArgv: [],
        env: { ...process.env, NODE_PATH: fromRoot('node_modules') },
      })
      const gone = new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
      })
      const { control, openPort } = createForkPipe(child)
      return {
        child,
        control,
        openPort,
        kill: async () => {
          child.kill('SIGKILL')
          await gone
        },
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

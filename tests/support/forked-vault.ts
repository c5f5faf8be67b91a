/** The vault as a process of its own, bundled once, so that a test can kill it. */
import type { ChildProcess } from 'node:child_process'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import { bundleProgram } from './bundle-program.ts'
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
  const { forkProgram, remove } = bundleProgram('electron/vault/process.ts')
  return {
    start: ({ dir: vaultDir, knownCheckpointFile }) => {
      const options = JSON.stringify({ dir: vaultDir, knownCheckpointFile, appVersion: '0.0.0+test' })
      const child = forkProgram(options)
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
    remove,
  }
}

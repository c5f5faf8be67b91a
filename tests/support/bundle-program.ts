/** A process of the app as a program of its own under plain Node, bundled once, so that a test can start and kill it. */
import { buildSync } from 'esbuild'
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fromRoot } from '../../build/paths.ts'

export interface BundledProgram {
  readonly forkProgram: (...args: string[]) => ChildProcess
  readonly remove: () => void
}

/** Bundles `entry` (from the project's root). */
export function bundleProgram(entry: string): BundledProgram {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-program-'))
  const file = path.join(dir, 'program.cjs')
  buildSync({
    entryPoints: [fromRoot(entry)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['sqlite3'],
    outfile: file,
    logLevel: 'error',
  })
  return {
    forkProgram: (...args) =>
      fork(file, args, {
        serialization: 'advanced',
        execArgv: [],
        env: { ...process.env, NODE_PATH: fromRoot('node_modules') },
      }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

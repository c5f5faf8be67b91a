/** The release build, started as a user would: nothing can attach to it, so it is judged from outside. */
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { makeUserDir, prepareRun, type PreparedRun } from '../../../build/prepare-run.ts'

/** How a start ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** A started release build. */
export interface Started {
  readonly userDir: string
  readonly ended: Promise<Ending>
  readonly terminate: () => void
  readonly hasVaultProcess: () => boolean
}

/** Prepares the release build. */
export const prepareRelease = (): Promise<PreparedRun> => prepareRun({ flavour: 'release' })

/** Whether an app with that user folder has a process that runs Node: the vault process is the first that it starts. */
function hasNodeProcess(userDir: string): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return words.includes('node.mojom.NodeService') && words.includes(userDir)
    } catch {
      // It has just gone.
      return false
    }
  })
}

/** Starts it with `args`; killed after `timeoutMs`. */
export function startRelease(
  run: PreparedRun,
  args: readonly string[],
  userDir = makeUserDir(run),
  timeoutMs = 20_000,
): Started {
  const child = spawn(run.executablePath, [run.appDir, `--user-data-dir=${userDir}`, ...args], {
    env: run.env,
    cwd: run.runDir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const ended = new Promise<Ending>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stderr })
    })
  })
  return {
    userDir,
    ended,
    terminate: () => child.kill('SIGTERM'),
    hasVaultProcess: () => hasNodeProcess(userDir),
  }
}

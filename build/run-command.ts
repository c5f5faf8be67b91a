/** Child processes, the one way the build starts them. */
import { spawn, spawnSync, type SpawnOptions } from 'node:child_process'

/** What came of a command: `code` is 1 when it was ended by a signal or could not be started. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end and keeps what it printed. Never throws. */
export function capture(command: string, args: readonly string[], options: { timeoutMs?: number; cwd?: string } = {}) {
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
  })
  return { code: done.status ?? 1, stdout: done.stdout, stderr: done.stderr } satisfies CommandResult
}

/** Whether `command` is on the PATH. */
export const hasCommand = (command: string): boolean => capture('which', [command]).code === 0

/** As {@link capture}, without blocking: several can run at once. */
export function captureLater(command: string, args: readonly string[], options: SpawnOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    child.on('error', (error) => resolve({ code: 1, stdout, stderr: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}

let children = 0

/** Whether a command of {@link runCommand} is running: then signals are its business, and ours once it has ended. */
export const isWaitingForChild = (): boolean => children > 0

/** Runs a command with its output on our terminal, resolving to its exit code. */
export function runCommand(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    // An interrupt from the terminal reaches the child by itself, a termination reaches only us.
    const forward = (): void => {
      child.kill('SIGTERM')
    }
    const end = (): void => {
      children--
      process.off('SIGTERM', forward)
    }
    children++
    process.on('SIGTERM', forward)
    child.on('error', (error) => {
      end()
      reject(error)
    })
    child.on('exit', (code) => {
      end()
      resolve(code ?? 1)
    })
  })
}

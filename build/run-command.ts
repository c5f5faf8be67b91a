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

/**
 * Runs a command with its output on our terminal, resolving to its exit code.
 * An interrupt reaches the whole foreground group anyway, so it is left to the child to end and to us to clean up.
 */
export function runCommand(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const ignore = (): void => undefined
    process.on('SIGINT', ignore)
    child.on('error', reject)
    child.on('exit', (code) => {
      process.off('SIGINT', ignore)
      resolve(code ?? 1)
    })
  })
}

/** A secret's end is its process's end: so we look until the process is gone, instead of believing that it will be. */
import { readFileSync } from 'node:fs'
import { hasErrorCode } from './error-code.ts'

const pollMs = 5

/** A zombie counts as gone: the kernel has taken its memory back, only its exit code waits to be read. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold anything, so count from its end.
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch (error) {
    return hasErrorCode(error, 'ENOENT')
  }
}

/** Whether a process of that id runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    // EPERM: it exists and is not ours.
    return !hasErrorCode(error, 'ESRCH')
  }
}

/** Ends a process at once, without a chance to write anything; nothing happens when it is gone already. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error
  }
}

/** Resolves true when the process is gone, false when it still runs after `timeoutMs`. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (let waited = 0; isRunning(pid); waited += pollMs) {
    if (waited >= timeoutMs) return false
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return true
}

/** `promise`, or undefined after `timeoutMs`: for partners that may have died. */
export async function atMost<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

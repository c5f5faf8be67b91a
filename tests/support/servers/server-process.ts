/** A server of a test: its own folder and port, never root, never outliving the test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { capture } from '../../../build/run-command.ts'
import { chooseUser, type UserId } from '../../../build/unprivileged-user.ts'

/** Whom servers run as when we are root: PostgreSQL refuses to be root, and the others have no need to. */
export const serverUser: UserId | null = chooseUser()

/** `command` as {@link serverUser}. */
export function asServerUser(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (serverUser === null) return [command, args]
  const { uid, gid } = serverUser
  return ['setpriv', ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', command, ...args]]
}

export function makeServerFolder(name: string): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(path.join(os.tmpdir(), `halligan-${name}-`))
  chmodSync(dir, 0o755)
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** Gives `dir` and what is in it to {@link serverUser}. */
export function giveFolder(dir: string): void {
  if (serverUser === null) return
  const owner = `${serverUser.uid}:${serverUser.gid}`
  if (capture('chown', ['-R', owner, dir]).code !== 0) throw new Error(`cannot give ${dir} away`)
}

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Whether something listens on `port` of this machine. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

export interface ServerProcess {
  readonly pid: number
  readonly output: () => string
  readonly hasEnded: () => boolean
  /** Sends `signal` and waits for the end; SIGKILL after ten seconds. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

const running = new Set<ChildProcess>()
// A worker that is told to leave takes its servers with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startServerProcess(command: string, args: readonly string[], cwd: string): ServerProcess {
  const [program, words] = asServerUser(command, args)
  const child = spawn(program, words, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
  })
  let output = ''
  let hasEnded = false
  const keep = (bytes: Buffer): void => {
    output = (output + bytes.toString()).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  running.add(child)
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true
      running.delete(child)
      resolve()
    }
    child.on('error', (error) => {
      output += error.message
      end()
    })
    child.on('exit', end)
  })
  return {
    pid: child.pid ?? 0,
    output: () => output,
    hasEnded: () => hasEnded,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Polls `isReady` until it is true. @throws Error with what the server said when it ended, or after 20 seconds */
export async function waitUntilReady(server: ServerProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (server.hasEnded()) break
    if (await isReady()) return
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error(`the server is not ready:\n${server.output()}`)
}

/**
 * Electron refuses to run as root with its sandbox on, and tests without the sandbox would test another program. So root
 * steps down: the app runs as `nobody`, which every system has, with no group but its own.
 */
import { accessSync, chmodSync, chownSync, constants, cpSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { capture, hasCommand } from './run-command.ts'
import { PlainFailure } from './say.ts'

/** Whom the app runs as instead of root. */
export interface UserId {
  readonly uid: number
  readonly gid: number
}

/** The user to run Electron as, or null when we are not root and it can simply be us. */
export function chooseUser(): UserId | null {
  if (process.getuid?.() !== 0) return null
  if (!hasCommand('setpriv'))
    throw new PlainFailure('Running as root needs setpriv (util-linux); or run as an ordinary user.')
  const id = (flag: string): number => Number.parseInt(capture('id', [flag, 'nobody']).stdout, 10)
  const [uid, gid] = [id('-u'), id('-g')]
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : { uid: 65534, gid: 65534 }
}

/** Whether `user` (null: we) can read everything on the way to and at `file`. */
export function canRead(file: string, user: UserId | null): boolean {
  if (user === null) {
    try {
      accessSync(file, constants.R_OK)
      return true
    } catch {
      return false
    }
  }
  const { uid, gid } = user
  const asUser = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', 'test', '-r', file]
  return capture('setpriv', asUser).code === 0
}

/** Gives `file` (not its contents) to `user`; does nothing when the app runs as ourselves. */
export function giveTo(user: UserId | null, file: string): void {
  if (user !== null) chownSync(file, user.uid, user.gid)
}

/** Copies a folder tree to where everybody may read it. */
export function copyReadable(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  if (capture('chmod', ['-R', 'a+rX,go-w', to]).code !== 0) throw new Error(`cannot make ${to} readable`)
}

/**
 * Makes sure that Chromium can sandbox at all: by user namespaces, or by its set-uid helper owned by root.
 * @throws PlainFailure with the commands to run when neither is possible.
 */
export function ensureSandbox(distDir: string, user: UserId | null): void {
  if (process.platform !== 'linux') return
  const helper = path.join(distDir, 'chrome-sandbox')
  const isReady = (): boolean => {
    const { uid, mode } = statSync(helper)
    return uid === 0 && (mode & 0o7777) === 0o4755
  }
  if (isReady()) return
  if (user !== null) {
    chownSync(helper, 0, 0)
    chmodSync(helper, 0o4755)
    return
  }
  if (capture('unshare', ['--user', 'true']).code === 0) return
  throw new PlainFailure(
    `This system lets no ordinary user make a sandbox; once, run: sudo chown root:root ${helper} && sudo chmod 4755 ${helper}`,
  )
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/**
 * Writes the script that stands in for the Electron binary: it steps down to `user` and becomes Electron, so that signals
 * and the exit code are Electron's own.
 * @param homeDir the user's home, or null to leave the environment alone (an ordinary user has one).
 */
export function writeWrapper(script: string, electron: string, user: UserId | null, homeDir: string | null): void {
  const words = ['exec']
  // No capability that root, or a network namespace of ours, left behind is for Electron.
  if (user !== null) {
    words.push('setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', '--inh-caps=-all')
  } else if (hasCommand('setpriv')) words.push('setpriv', '--ambient-caps=-all', '--inh-caps=-all')
  if (homeDir !== null) {
    words.push(
      'env',
      ...['HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'].map((n) => `${n}=${quote(homeDir)}`),
    )
  }
  words.push(quote(electron), '"$@"')
  writeFileSync(script, `#!/bin/sh\n${words.join(' ')}\n`, { mode: 0o755 })
}

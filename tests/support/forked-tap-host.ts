/** A tap host as a process of its own, with a browser that the test chose, as main would run it. */
import { buildSync } from 'esbuild'
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fromRoot } from '../../build/paths.ts'
import type { UserId } from '../../build/unprivileged-user.ts'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import { tapHostContract } from '../../shared/contracts/broker.ts'
import { createHub, type Client, type EventPayload } from '../../shared/contracts/contract.ts'
import type { TapPageRefusal } from '../../shared/domain/tap-place.ts'

/** A page that does as little as it can and still be one: it tells what it sees and answers what it is told. */
export const smallPage = {
  'index.html':
    '<!doctype html><meta charset="utf-8"><meta name="csp-nonce" content="__CSP_NONCE__">' +
    '<meta name="halligan-channel" content="__HALLIGAN_CHANNEL__"><title>Tap</title>' +
    '<link rel="stylesheet" href="index.css"><script src="index.js" defer></script><p>Tap</p>',
  'index.css': 'p { color: rgb(1, 2, 3) }',
  'index.js': `
    const channel = document.querySelector('meta[name=halligan-channel]').content
    const headers = { 'x-halligan-channel': channel, 'content-type': 'application/json' }
    const say = (message) => fetch('message', { method: 'POST', headers, body: JSON.stringify(message) })
    addEventListener('pagehide', () => { void fetch('leave', { method: 'POST', headers, keepalive: true }) })
    async function run() {
      const { body } = await fetch('messages', { headers })
      await say({
        here: location.origin, secure: isSecureContext, webauthn: typeof PublicKeyCredential,
        color: getComputedStyle(document.querySelector('p')).color, agent: navigator.userAgent,
      })
      const lines = body.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      for (;;) {
        const { value, done } = await lines.read()
        if (done) return
        rest += value
        for (;;) {
          const end = rest.indexOf('\\n')
          if (end < 0) break
          const frame = JSON.parse(rest.slice(0, end))
          rest = rest.slice(end + 1)
          if (frame.kind === 'done') window.close()
          if (frame.kind === 'message') await answer(frame.message)
        }
      }
    }
    const tries = {
      outside: () => fetch('https://example.com/'),
      evaluate: () => Function('return 1')(),
      markup: () => { document.querySelector('p').innerHTML = '<b>x</b>' },
    }
    async function answer(message) {
      if (message.close) window.close()
      if (message.go !== undefined) location.href = message.go
      if (message.attempt) {
        try { await tries[message.attempt](); await say({ attempt: message.attempt, worked: true }) }
        catch (error) { await say({ attempt: message.attempt, worked: false }) }
      }
      if (message.ping) await say({ pong: message.ping })
    }
    void run()`,
} as const

/** One folder for what belongs to a test: page, profiles, programs. */
export interface TapHostPlace {
  readonly dir: string
  readonly profiles: string
  readonly files: string
  /** Writes an executable script and returns its path. */
  readonly writeProgram: (name: string, script: string) => string
  readonly remove: () => void
}

const programs = new Map<string, string>()

/** `entry` as one file that every user can read. */
function bundled(entry: string): string {
  const known = programs.get(entry)
  if (known !== undefined) return known
  const dir = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'halligan-program-'))
  chmodSync(dir, 0o755)
  const outfile = path.join(dir, 'program.cjs')
  const options = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' } as const
  buildSync({ ...options, entryPoints: [fromRoot(entry)], outfile })
  chmodSync(outfile, 0o644)
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  programs.set(entry, outfile)
  return outfile
}

const asUser = (user: UserId | null): { uid?: number; gid?: number } =>
  user === null ? {} : { uid: user.uid, gid: user.gid }

/** What main does at its start, as `user`. Returns how many profiles were swept up. */
export function sweepAs(user: UserId | null, profiles: string): number {
  const call = `process.stdout.write(String(require(process.argv[1]).sweepProfiles(process.argv[2])))`
  const args = ['-e', call, bundled('electron/platform/browser-profiles.ts'), profiles]
  return Number(execFileSync(process.execPath, args, { cwd: '/', ...asUser(user) }).toString())
}

/** Makes the folder; everything in it belongs to `user`. */
export function makePlace(
  user: UserId | null = null,
  page: Readonly<Record<string, string>> = smallPage,
): TapHostPlace {
  const dir = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'halligan-tap-host-'))
  const own = (file: string): string => {
    if (user !== null) chownSync(file, user.uid, user.gid)
    return file
  }
  own(dir)
  const files = path.join(dir, 'files')
  mkdirSync(files)
  own(files)
  for (const [name, text] of Object.entries(page)) {
    writeFileSync(path.join(files, name), text)
    own(path.join(files, name))
  }
  return {
    dir,
    profiles: path.join(dir, 'profiles'),
    files,
    writeProgram: (name, script) => {
      const file = path.join(dir, name)
      writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      return own(file)
    },
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  }
}

export interface RunningTapHost {
  readonly child: ChildProcess
  readonly call: Client<typeof tapHostContract>
  /** What it told, in order. */
  readonly gone: EventPayload<typeof tapHostContract, 'gone'>[]
  readonly refused: { code: TapPageRefusal; count: number }[]
  /** What the strongroom's port got from the page, and whether it was closed. */
  readonly fromPage: unknown[]
  readonly portClosed: () => boolean
  readonly toPage: (message: unknown) => void
  /** How many refusals of that code were told so far. */
  readonly countOf: (code: TapPageRefusal) => number
}

/** Starts the process as `user` (default: us) with `env` as all of its environment. */
export function forkTapHost(env: Readonly<Record<string, string>> = {}, user: UserId | null = null): RunningTapHost {
  const child = fork(bundled('electron/tap-host/process.ts'), {
    serialization: 'advanced',
    execArgv: [],
    env: { ...env },
    cwd: '/',
    ...asUser(user),
  })
  const pipe = createForkPipe(child)
  const gone: RunningTapHost['gone'] = []
  const refused: RunningTapHost['refused'] = []
  const fromPage: unknown[] = []
  let closed = false
  const { call } = createHub(pipe.control).connect(tapHostContract, {
    gone: (payload) => gone.push(payload),
    refused: (payload) => refused.push(payload),
  })
  const port = pipe.openPort('tap', null)
  port.onMessage((message) => fromPage.push(message))
  port.onClose(() => (closed = true))
  return {
    child,
    call,
    gone,
    refused,
    fromPage,
    portClosed: () => closed,
    toPage: (message) => port.post(message),
    countOf: (code) => refused.filter((one) => one.code === code).reduce((sum, { count }) => sum + count, 0),
  }
}

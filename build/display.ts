/** A screen to draw on: the one there is, or a virtual one of our own while we run. */
import { spawn } from 'node:child_process'
import { hasCommand } from './run-command.ts'
import { PlainFailure } from './say.ts'

/** What the app's environment needs to find the screen, and how to take it down again. */
export interface Display {
  readonly kind: 'real' | 'virtual'
  readonly env: Readonly<Record<string, string>>
  readonly stop: () => void
}

/** Starts Xvfb, which picks a free display number itself and tells it on a pipe. */
async function startVirtualDisplay(): Promise<Display> {
  const args = ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp']
  // Killed outright we could not stop it ourselves.
  const tied = hasCommand('setpriv') ? ['setpriv', '--pdeathsig', 'TERM', 'Xvfb'] : ['Xvfb']
  const [command = 'Xvfb', ...prefix] = tied
  const server = spawn(command, [...prefix, ...args], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  let complaint = ''
  server.stderr?.on('data', (bytes: Buffer) => (complaint = (complaint + bytes.toString()).slice(-2000)))
  const number = await new Promise<string>((resolve, reject) => {
    let text = ''
    server.stdio[3]?.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.includes('\n')) resolve(text.trim())
    })
    server.on('error', () => reject(new PlainFailure('Xvfb is not installed; run: sudo apt-get install xvfb')))
    server.on('exit', () => reject(new PlainFailure(`Xvfb did not start: ${complaint.trim()}`)))
  })
  // The display must not keep us alive, and must not outlive us either.
  const stop = (): void => {
    process.off('exit', stop)
    server.kill('SIGTERM')
  }
  process.on('exit', stop)
  server.unref()
  for (const stream of server.stdio) (stream as { unref?: () => void } | null)?.unref?.()
  return { kind: 'virtual', env: { DISPLAY: `:${number}` }, stop }
}

/** The display to use: the one that is there, else a virtual one. */
export async function openDisplay(): Promise<Display> {
  const { DISPLAY: x11, WAYLAND_DISPLAY: wayland, XAUTHORITY: authority } = process.env
  const isThere = process.platform !== 'linux' || [x11, wayland].some((name) => name !== undefined && name !== '')
  if (!isThere) return startVirtualDisplay()
  const env: Record<string, string> = {}
  if (x11 !== undefined) env['DISPLAY'] = x11
  if (wayland !== undefined) env['WAYLAND_DISPLAY'] = wayland
  if (authority !== undefined) env['XAUTHORITY'] = authority
  return { kind: 'real', env, stop: () => undefined }
}

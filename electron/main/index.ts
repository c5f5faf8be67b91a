/** The main process: windows, sessions, clipboard, power events. It brokers ports and never sees a secret. */
import { app } from 'electron'
import { writeSync } from 'node:fs'
import { findRefusedSwitch, readCommandLine, type CommandLine } from './command-line.ts'
import { forbidCoreDumps } from './core-dumps.ts'
import { startHalligan, type HalliganApp } from './halligan-app.ts'
import { hardenProcess } from './harden-process.ts'
import { setMenu } from './menu.ts'
import { pinAllPages } from './navigation.ts'
import { atMost } from './process-end.ts'
import { makePrivateFolder } from './user-data.ts'

/** sysexits(3): used wrongly; an internal error; no permission. */
const exitCodes = { usage: 64, software: 70, noPermission: 77 } as const
const closeTimeoutMs = 12_000

const say = (line: string): void => {
  writeSync(2, `${line}\n`)
}

let halligan: HalliganApp | null = null
let leaving = false

/** Ends the app in order: what is open is closed and recorded, then the process ends. */
function leave(exitCode: number): void {
  if (leaving) return
  leaving = true
  const closed = halligan?.close('app-quit') ?? Promise.resolve()
  void atMost(closeTimeoutMs, closed)
    .catch(() => undefined)
    .then(() => app.exit(exitCode))
}

/** After an error nobody foresaw, nothing sensitive may stay open (control 19). */
function handleFatal(error: unknown): void {
  // Whatever fails while we leave must not keep us here.
  if (leaving) app.exit(exitCodes.software)
  say(`Halligan ended because of an error: ${error instanceof Error ? (error.stack ?? error.name) : 'unknown'}`)
  leave(exitCodes.software)
}

function start(commandLine: CommandLine): void {
  process.setUncaughtExceptionCaptureCallback(handleFatal)
  process.on('unhandledRejection', handleFatal)
  hardenProcess()
  const refusal = makePrivateFolder(app.getPath('userData'))
  if (refusal !== null) {
    say(`Halligan did not start: ${refusal}`)
    app.exit(exitCodes.noPermission)
    return
  }
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  // What is copied passes through this process's memory, on its way to the system's clipboard.
  forbidCoreDumps(process.pid)
  pinAllPages(app)
  app.on('second-instance', () => halligan?.focus())
  app.on('before-quit', (event) => {
    event.preventDefault()
    leave(0)
  })
  app
    .whenReady()
    .then(() => {
      setMenu()
      halligan = startHalligan(commandLine, leave)
    })
    .catch(handleFatal)
}

const args = process.argv.slice(1)
const refused = __DEV_BUILD__ ? null : findRefusedSwitch(args, process.platform)
if (refused === null) start(readCommandLine(args))
else {
  say(`Halligan did not start: it does not accept ${refused.split('=', 1)[0] ?? refused}.`)
  app.exit(exitCodes.usage)
}

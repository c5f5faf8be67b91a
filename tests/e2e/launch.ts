/** Starts the app for a test, in its real sandbox, and finds its windows by what they show. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { makeUserDir, type RunSettings } from '../../build/prepare-run.ts'
import { giveTo } from '../../build/unprivileged-user.ts'
import type { TapSettings } from '../../shared/domain/tap-place.ts'

/** Where each of the app's windows lives. */
export const windowUrls = {
  app: 'https://halligan.localhost/app/',
  tap: 'https://halligan.localhost/tap/',
  seal: 'https://halligan.localhost/seal/',
  reveal: 'https://halligan.localhost/reveal/',
  print: 'https://halligan.localhost/print/',
} as const

/** One of the app's kinds of window. */
export type WindowName = keyof typeof windowUrls

/** How a launch differs from the usual. */
export interface LaunchOptions {
  /** Default: the run that the test runner prepared. */
  readonly run?: RunSettings
  /** Keep it to start the app again on the same data. Default: a fresh one. */
  readonly userDir?: string
  readonly args?: readonly string[]
  /** Where taps take place. Default: in the window, whatever the system suggests; what `userDir` holds already stays. */
  readonly taps?: TapSettings
  readonly env?: Readonly<Record<string, string>>
}

/** A running app. */
export interface LaunchedApp {
  readonly app: ElectronApplication
  readonly userDir: string
  /** What the main process has written to stdout and stderr since Playwright got hold of it. */
  readonly output: () => string
  /** The window of that name that is open, or the next that opens. Rejects after `timeoutMs` (default 15 000). */
  readonly window: (name: WindowName, timeoutMs?: number) => Promise<Page>
  /** The windows of that name that are open now. */
  readonly openWindows: (name: WindowName) => readonly Page[]
  /** Quits the app; kills it when it has not gone after 10 s. */
  readonly close: () => Promise<void>
}

/** The run that the Playwright global set-up prepared for its workers, with the screen that is this worker's. */
export function preparedRun(): RunSettings {
  const settings = process.env['HALLIGAN_RUN']
  if (settings === undefined) throw new Error('no prepared run: start end-to-end tests with `npm test -- e2e`')
  const run = JSON.parse(settings) as RunSettings
  if (process.env['TEST_PARALLEL_INDEX'] !== '1') return run
  const screen = JSON.parse(process.env['HALLIGAN_SECOND_SCREEN'] ?? '{}') as Record<string, string>
  return { ...run, env: { ...run.env, ...screen } }
}

const shows = (page: Page, name: WindowName): boolean => page.url().split(/[?#]/)[0] === windowUrls[name]

async function waitForWindow(app: ElectronApplication, name: WindowName, timeoutMs: number): Promise<Page> {
  const deadline = performance.now() + timeoutMs
  // A window exists before it has its URL, and a URL may change in place: polling is the whole truth.
  for (;;) {
    const page = app.windows().find((candidate) => shows(candidate, name))
    if (page !== undefined) {
      await page.waitForLoadState('domcontentloaded')
      return page
    }
    if (performance.now() > deadline) {
      const open = app.windows().map((candidate) => candidate.url())
      throw new Error(`no ${name} window within ${String(timeoutMs)} ms; open: ${open.join(', ') || 'none'}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function closeApp(app: ElectronApplication, child: ChildProcess): Promise<void> {
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000)
  try {
    await app.close()
  } catch {
    // It had gone already: that is what was wanted.
  } finally {
    clearTimeout(kill)
  }
}

/** Writes the settings as the app would find them: its own file, of its own user. */
export function writeTapSettings(run: RunSettings, userDir: string, settings: TapSettings): void {
  const file = path.join(userDir, 'tap-settings.json')
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 })
  giveTo(run.userId, file)
}

const inWindow: TapSettings = { driver: 'window', browserPath: null }

/** Starts the app and resolves once its main process answers; wait for a window with {@link LaunchedApp.window}. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const run = options.run ?? preparedRun()
  const userDir = options.userDir ?? makeUserDir(run)
  if (options.taps !== undefined || !existsSync(path.join(userDir, 'tap-settings.json')))
    writeTapSettings(run, userDir, options.taps ?? inWindow)
  const app = await _electron.launch({
    executablePath: run.executablePath,
    args: [run.appDir, `--user-data-dir=${userDir}`, ...(options.args ?? [])],
    env: { ...run.env, ...options.env },
    cwd: run.runDir,
    // Playwright would otherwise add --no-sandbox.
    chromiumSandbox: true,
    timeout: 30_000,
  })
  const child = app.process()
  let output = ''
  const keep = (bytes: Buffer): void => {
    output += bytes.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return {
    app,
    userDir,
    output: () => output,
    window: (name, timeoutMs = 15_000) => waitForWindow(app, name, timeoutMs),
    openWindows: (name) => app.windows().filter((page) => shows(page, name)),
    // Asked of the driver now: of an app that has gone it says nothing any more.
    close: () => closeApp(app, child),
  }
}

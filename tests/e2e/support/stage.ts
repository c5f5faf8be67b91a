/** A stage for the security tests: the real main process and preloads, with doubles for what it brokers between. */
import { build } from 'esbuild'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { writeRendererManifest } from '../../../build/bundle-manifest.ts'
import { fromRoot } from '../../../build/paths.ts'
import { copyReadable } from '../../../build/unprivileged-user.ts'
import type { RunSettings } from '../../../build/prepare-run.ts'
import { launchApp, preparedRun, type LaunchedApp, type LaunchOptions, type WindowName } from '../launch.ts'
import type { Command, Event, Result } from './double-commands.ts'
import type { DoublePage } from './double-page.ts'

const support = fromRoot('tests/e2e/support')
const common = { bundle: true, logLevel: 'warning', absWorkingDir: fromRoot() } as const
const kinds = ['app', 'tap', 'seal', 'reveal'] as const

async function buildProcessDoubles(dir: string): Promise<void> {
  await build({
    ...common,
    entryPoints: { vault: `${support}/double-vault.ts`, strongroom: `${support}/double-strongroom.ts` },
    outdir: dir,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20.18',
  })
}

async function buildPageDoubles(dir: string, run: RunSettings): Promise<void> {
  // Nobody drives the page that is printed: it is the app's own.
  cpSync(path.join(run.appDir, 'renderer/print'), path.join(dir, 'renderer/print'), { recursive: true })
  for (const kind of kinds) {
    const page = path.join(dir, 'renderer', kind)
    await build({ ...common, entryPoints: { index: `${support}/double-page.ts` }, outdir: page, format: 'iife' })
    writeFileSync(path.join(page, 'index.css'), 'body { color: rgb(1, 2, 3) }\n')
    writeFileSync(
      path.join(page, 'index.html'),
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="csp-nonce" content="__CSP_NONCE__">` +
        `<title>A title that the window must not take</title><link rel="stylesheet" href="/${kind}/index.css">` +
        `<script src="/${kind}/index.js" defer></script><body>${kind} double</body></html>\n`,
    )
  }
  writeRendererManifest(path.join(dir, 'renderer'))
}

/**
 * Builds the stage into the run's folder.
 * @param processes `real`: only the pages are doubles, the vault and strongroom processes are the app's own.
 * @returns the app folder to start Electron with.
 */
export async function buildStage(
  run: RunSettings,
  { processes = 'doubles' }: { readonly processes?: 'doubles' | 'real' } = {},
): Promise<string> {
  const work = mkdtempSync(path.join(run.runDir, 'stage-'))
  chmodSync(work, 0o755)
  const dir = path.join(work, 'app')
  mkdirSync(dir)
  const kept = [
    'main.cjs',
    'preload',
    'package.json',
    ...(processes === 'real' ? ['vault.cjs', 'strongroom.cjs', 'courier.cjs', 'node_modules'] : []),
  ]
  for (const real of kept) cpSync(path.join(run.appDir, real), path.join(dir, real), { recursive: true })
  if (processes === 'doubles') await buildProcessDoubles(dir)
  await buildPageDoubles(dir, run)
  copyReadable(dir, `${dir}-ready`)
  return `${dir}-ready`
}

/** The stage, running: its app window drives. */
export interface RunningStage extends LaunchedApp {
  /** Has a double do something. Rejects after 10 s. */
  readonly drive: (command: Command) => Promise<Result>
  /** Starts an operation's strongroom double. */
  readonly startOperation: (operation?: string) => Promise<string>
  /** Opens a page of it and waits for its window. */
  readonly openPage: (page: Exclude<WindowName, 'app' | 'print'>, operation?: string, show?: boolean) => Promise<void>
  /** What the doubles were told so far. */
  readonly events: () => Promise<DoublePage['events']>
  /** How many ports the app window's page has had; null while it is not up. Asked of main: a driver gives crashed pages up. */
  readonly appPorts: () => Promise<number | null>
  /** Waits (10 s at most) for an event of that name. */
  readonly event: (name: string) => Promise<Event>
}

/** The operation of tests that need only one. */
export const anOperation = 'O'.repeat(22)

/** Starts the stage; `appDir` comes from {@link buildStage}. */
export async function launchStage(appDir: string, options: LaunchOptions = {}): Promise<RunningStage> {
  const launched = await launchApp({ ...options, run: { ...(options.run ?? preparedRun()), appDir } })
  const page = await launched.window('app')
  await page.waitForFunction(() => window.double.ports > 0)
  const drive = (command: Command): Promise<Result> =>
    page.evaluate(
      (given) =>
        Promise.race([
          window.double.drive(given),
          new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), 10_000)),
        ]),
      command,
    )
  const events = (): Promise<DoublePage['events']> => page.evaluate(() => [...window.double.events])
  const main = launched.app.process()
  return {
    ...launched,
    close: async () => {
      if (main.exitCode === null) await launched.close()
    },
    drive,
    events,
    appPorts: () =>
      launched.app.evaluate(async ({ BrowserWindow }) => {
        const { webContents } = BrowserWindow.getAllWindows().find((window) => window.getTitle() === 'Halligan')!
        if (webContents.getURL() !== 'https://halligan.localhost/app/') return null
        const asked = webContents.executeJavaScript('window.double?.ports ?? null').catch(() => null) as Promise<
          number | null
        >
        return Promise.race([asked, new Promise<null>((resolve) => setTimeout(resolve, 500, null))])
      }),
    event: async (name) => {
      await page.waitForFunction(
        (wanted) => window.double.events.some((e) => 'event' in e && e.event === wanted),
        name,
        { timeout: 10_000 },
      )
      return (await events()).find((event): event is Event => 'event' in event && event.event === name)!
    },
    startOperation: async (operation = anOperation) => {
      const { code } = await drive({ as: 'vault', call: 'startStrongroom', input: { operation } })
      if (code !== undefined) throw new Error(code)
      return operation
    },
    openPage: async (kind, operation = anOperation, show = true) => {
      const input = { page: kind, show, title: `The ${kind} window` }
      const { code } = await drive({ as: 'strongroom', operation, call: 'openPage', input })
      if (code !== undefined) throw new Error(code)
      await launched.window(kind)
    },
  }
}

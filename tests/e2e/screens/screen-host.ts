/** Opens one page at a time with a fake behind it; looks at it with axe, the eye (pictures), and a ruler. */
import axe, { type AxeResults } from 'axe-core'
import { build } from 'esbuild'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'playwright/test'
import type { CDPSession, ElectronApplication, Page } from 'playwright'
import { fromRoot } from '../../../build/paths.ts'
import { copyReadable } from '../../../build/unprivileged-user.ts'
import { launchApp, preparedRun } from '../launch.ts'

type Kind = 'app' | 'tap' | 'seal' | 'reveal'

/** The size each window has in the app (electron/main/window-factory.ts). */
const sizes: Readonly<Record<Kind, readonly [number, number]>> = {
  app: [1280, 800],
  tap: [980, 720],
  seal: [900, 760],
  reveal: [1000, 720],
}

const picturesDir = fromRoot('test-results', 'screens')

async function bundleHost(): Promise<string> {
  const run = preparedRun()
  const dir = mkdtempSync(path.join(run.runDir, 'screens-'))
  const define = { __DEV_BUILD__: 'true', __APP_VERSION__: '"0.0.0"' }
  await build({
    entryPoints: [fromRoot('tests/e2e/screens/host-main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['electron'],
    outfile: path.join(dir, 'main.cjs'),
    define,
  })
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ name: 'screens', version: '0.0.0', main: 'main.cjs' }))
  copyReadable(path.join(run.appDir, 'renderer'), path.join(dir, 'renderer'))
  copyReadable(dir, `${dir}-app`)
  return `${dir}-app`
}

async function bundleFake(): Promise<string> {
  const result = await build({
    entryPoints: [fromRoot('tests/e2e/screens/fake-page.ts')],
    bundle: true,
    format: 'iife',
    write: false,
  })
  return result.outputFiles[0]?.text ?? ''
}

/** One open page. */
export interface Screen {
  readonly page: Page
}

export interface ScreenHost {
  /** Loads the page of `kind` anew, with the fake ready in it. */
  readonly open: (kind: Kind, query?: string) => Promise<Screen>
  /** A picture with the system's own few colours (Windows contrast themes). */
  readonly inspectForcedColours: (screen: Screen, name: string) => Promise<void>
  /** Light and dark: a picture and axe each; then 200 % zoom: a picture, and nothing may be cut off sideways. */
  readonly inspect: (screen: Screen, name: string) => Promise<void>
  /** The text on the system's clipboard; with `text`, after putting that there. */
  readonly clipboard: (text?: string) => Promise<string>
  readonly close: () => Promise<void>
}

/** Evaluates script text past the page's policy, as the developer tools do. */
async function evaluateText(session: CDPSession, expression: string): Promise<void> {
  const result = await session.send('Runtime.evaluate', { expression })
  if (result.exceptionDetails !== undefined) throw new Error(result.exceptionDetails.text)
}

async function runAxe(page: Page, session: CDPSession): Promise<string[]> {
  await evaluateText(session, axe.source)
  return page.evaluate(async () => {
    const inPage = (globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResults> } }).axe
    const { violations } = await inPage.run({ resultTypes: ['violations'] })
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary ?? ''}`).join('\n  ')}`,
    )
  })
}

const setZoom = (app: ElectronApplication, factor: number): Promise<void> =>
  app.evaluate(({ BrowserWindow }, zoom) => {
    BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(zoom)
  }, factor)

async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(picturesDir, `${name}.png`), animations: 'disabled' })
}

/** The driver's own pictures do not know of zoom; the window's do. */
async function takeZoomedPicture(app: ElectronApplication, name: string): Promise<void> {
  const png = await app.evaluate(async ({ BrowserWindow }) => {
    const picture = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage()
    return picture?.toPNG().toString('base64') ?? ''
  })
  writeFileSync(path.join(picturesDir, `${name}.png`), Buffer.from(png, 'base64'))
}

/** Starts the host. One window for all screens of a test file. */
export async function startScreens(): Promise<ScreenHost> {
  mkdirSync(picturesDir, { recursive: true })
  const [appDir, fakeText] = await Promise.all([bundleHost(), bundleFake()])
  // Somewhere local time is not UTC, or half of every time would never be seen.
  const launched = await launchApp({ run: { ...preparedRun(), appDir }, env: { TZ: 'Europe/Berlin' } })
  const page = await launched.window('app')
  const session = await page.context().newCDPSession(page)
  return {
    open: async (kind, query = '') => {
      await launched.app.evaluate(({ BrowserWindow }, [width, height]) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(width, height)
      }, sizes[kind])
      await page.goto(`https://halligan.localhost/${kind}/${query}`)
      await evaluateText(session, fakeText)
      return { page }
    },
    inspectForcedColours: async (screen, name) => {
      await screen.page.emulateMedia({ forcedColors: 'active' })
      await takePicture(screen.page, `${name}-forced`)
      await screen.page.emulateMedia({ forcedColors: 'none' })
    },
    inspect: async (screen, name) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await screen.page.emulateMedia({ colorScheme })
        await takePicture(screen.page, `${name}-${colorScheme}`)
        expect(await runAxe(screen.page, session), `axe on ${name}, ${colorScheme}`).toEqual([])
      }
      await screen.page.emulateMedia({ colorScheme: 'light' })
      await setZoom(launched.app, 2)
      await screen.page.waitForFunction(() => window.devicePixelRatio === 2)
      // The window's picture is of the last frame drawn.
      await screen.page.waitForTimeout(150)
      await takeZoomedPicture(launched.app, `${name}-zoom`)
      const over = await screen.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      await setZoom(launched.app, 1)
      expect(over, `${name} at 200 % needs no sideways scrolling`).toBeLessThanOrEqual(0)
      expect(await screen.page.evaluate(() => globalThis.halliganFake.violations)).toEqual([])
    },
    clipboard: (text = '') =>
      launched.app.evaluate(async ({ clipboard }, written) => {
        if (written !== '') await clipboard.writeText(written)
        return await clipboard.readText()
      }, text),
    close: launched.close,
  }
}

/** Controls 1, 10, 12 and 20: what every window is made of, and how it ends. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'playwright/test'
import { preparedRun, type WindowName } from '../launch.ts'
import { pressKey } from '../support/press-key.ts'
import { anOperation, buildStage, launchStage, type RunningStage } from '../support/stage.ts'

const kinds = ['app', 'tap', 'seal', 'reveal'] as const
let stage: RunningStage

/** What main asked of its windows; without a window manager the answer cannot be read back. */
interface Spies {
  protectedWindows: [string, boolean][]
  windowsOnTop: [string, boolean][]
}

interface WindowFacts {
  readonly url: string
  readonly title: string
  readonly pid: number
  readonly visible: boolean
  readonly modal: boolean
  readonly parentUrl: string | null
  readonly persistent: boolean
  readonly preferences: Record<string, unknown>
}

const readWindows = (running: RunningStage): Promise<WindowFacts[]> =>
  running.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => ({
      url: window.webContents.getURL(),
      title: window.getTitle(),
      pid: window.webContents.getOSProcessId(),
      visible: window.isVisible(),
      modal: window.isModal(),
      parentUrl: window.getParentWindow()?.webContents.getURL() ?? null,
      persistent: window.webContents.session.isPersistent(),
      preferences: JSON.parse(
        JSON.stringify(
          (
            window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
          ).getLastWebPreferences(),
          (key, value: unknown) => (key === 'session' ? undefined : value),
        ),
      ) as Record<string, unknown>,
    })),
  )

const isAlive = (pid: number): boolean => {
  try {
    return !/^\S+ \(.*\) [ZX]/.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'))
  } catch {
    return false
  }
}

const find = (facts: readonly WindowFacts[], kind: WindowName): WindowFacts =>
  facts.find((window) => window.url.includes(`/${kind}/`))!

test.describe('the windows', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun()))
    await stage.app.evaluate(({ BrowserWindow }) => {
      const spied = globalThis as unknown as Spies
      spied.protectedWindows = []
      spied.windowsOnTop = []
      const raise = BrowserWindow.prototype.setAlwaysOnTop
      BrowserWindow.prototype.setAlwaysOnTop = function (this: Electron.BrowserWindow, ...flags) {
        spied.windowsOnTop.push([this.getTitle(), flags[0]])
        raise.apply(this, flags)
      }
      const protect = BrowserWindow.prototype.setContentProtection
      BrowserWindow.prototype.setContentProtection = function (this: Electron.BrowserWindow, enable: boolean) {
        spied.protectedWindows.push([this.getTitle(), enable])
        protect.call(this, enable)
      }
    })
    await stage.startOperation()
    for (const kind of ['tap', 'seal', 'reveal'] as const) await stage.openPage(kind)
  })
  test.afterAll(() => stage.close())

  test('have every dangerous preference off, read back from Chromium', async () => {
    const windows = await readWindows(stage)
    expect(windows.map(({ url }) => url).sort()).toEqual(
      [...kinds].sort().map((kind) => `https://halligan.localhost/${kind}/`),
    )
    for (const { preferences, persistent } of windows) {
      expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, webSecurity: true })
      for (const off of [
        'nodeIntegration',
        'nodeIntegrationInWorker',
        'nodeIntegrationInSubFrames',
        'webviewTag',
        'plugins',
        'experimentalFeatures',
        'allowRunningInsecureContent',
        'spellcheck',
        'enableWebSQL',
        'navigateOnDragDrop',
      ])
        expect(preferences[off] ?? false, off).toBe(false)
      expect(preferences['enableBlinkFeatures'] ?? '').toBe('')
      expect(persistent).toBe(false)
    }
  })

  test('run in the real sandbox: seccomp filter, no new privileges, no capability, a process each', async () => {
    const windows = await readWindows(stage)
    expect(new Set(windows.map(({ pid }) => pid)).size).toBe(windows.length)
    for (const { pid } of windows) {
      const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
      expect(status).toMatch(/^Seccomp:\s+2$/m)
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
      expect(status).toMatch(/^CapEff:\s+0+$/m)
    }
  })

  test('have a session each, so that one origin shares no storage and no channel', async () => {
    const reveal = await stage.window('reveal')
    const app = await stage.window('app')
    await app.evaluate(() => {
      const heard: unknown[] = []
      new BroadcastChannel('x').onmessage = ({ data }) => heard.push(data)
      Object.assign(window, { heard })
    })
    await reveal.evaluate(() => {
      new BroadcastChannel('x').postMessage('secret')
      localStorage.setItem('x', 'secret')
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(
      await app.evaluate(() => [(window as unknown as { heard: unknown[] }).heard, localStorage.getItem('x')]),
    ).toEqual([[], null])
  })

  for (const kind of kinds) {
    test(`show the ${kind} page no Node, no Electron, and nothing that a bare window has not`, async () => {
      const page = await stage.window(kind)
      const globals = await page.evaluate(() => Object.getOwnPropertyNames(window))
      const bare = await stage.app.evaluate(async ({ BrowserWindow, session }) => {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { session: session.fromPartition('halligan-app') },
        })
        await window.loadURL('https://halligan.localhost/app/')
        const names = (await window.webContents.executeJavaScript('Object.getOwnPropertyNames(window)')) as string[]
        window.destroy()
        return names
      })
      // Playwright's own, and indexed frames.
      const known = new Set([...bare, 'double', 'heard', '__playwright__binding__', '__pwInitScripts'])
      expect(globals.filter((name) => !known.has(name) && !name.startsWith('__playwright'))).toEqual([])
      expect(
        await page.evaluate(() =>
          [
            'require',
            'process',
            'Buffer',
            'module',
            'exports',
            'electron',
            'ipcRenderer',
            'global',
            'setImmediate',
          ].filter((name) => name in window),
        ),
      ).toEqual([])
    })
  }

  test('keep their title, and are modal children of the app window', async () => {
    const windows = await readWindows(stage)
    expect(find(windows, 'app')).toMatchObject({ title: 'Halligan', modal: false, parentUrl: null })
    for (const kind of ['tap', 'seal', 'reveal'] as const) {
      expect(find(windows, kind)).toMatchObject({
        title: `The ${kind} window`,
        modal: true,
        parentUrl: 'https://halligan.localhost/app/',
      })
    }
  })

  test('ask for capture protection where secrets stand, and say truthfully whether it holds', async () => {
    const spied = await stage.app.evaluate(() => (globalThis as unknown as Spies).protectedWindows)
    expect(spied).toEqual([
      ['The seal window', true],
      ['The reveal window', true],
    ])
    const answer = await stage.drive({
      as: 'strongroom',
      operation: anOperation,
      call: 'showPage',
      input: { page: 'reveal' },
    })
    expect(answer.output).toEqual({ captureProtection: process.platform === 'win32' ? 'on' : 'not-supported-here' })
  })

  test('put the reveal window, and no other, above everything', async () => {
    const spied = await stage.app.evaluate(() => (globalThis as unknown as Spies).windowsOnTop)
    expect(new Set(spied.map(String))).toEqual(new Set(['The reveal window,true']))
  })

  test('have no menu, and no key for reload, developer tools or close', async () => {
    const page = await stage.window('app')
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    for (const key of ['F5', 'F12']) await pressKey(stage, 'app', key, [])
    for (const key of ['R', 'W']) await pressKey(stage, 'app', key)
    for (const key of ['R', 'I']) await pressKey(stage, 'app', key, ['control', 'shift'])
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
    expect(await stage.app.evaluate(({ Menu }) => Menu.getApplicationMenu())).toBeNull()
    expect(
      await stage.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().some((w) => w.webContents.isDevToolsOpened()),
      ),
    ).toBe(false)
  })

  test('zoom with the keyboard to 200 % and back', async () => {
    const zoom = (): Promise<number> =>
      stage.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .find((w) => w.webContents.getURL().includes('/app/'))!
          .webContents.getZoomFactor(),
      )
    for (let i = 0; i < 8; i++) await pressKey(stage, 'app', '=')
    await expect.poll(zoom).toBeGreaterThanOrEqual(2)
    await pressKey(stage, 'app', '0')
    await expect.poll(zoom).toBe(1)
  })

  test('are gone with their renderer process when a page is closed', async () => {
    for (const kind of ['tap', 'seal', 'reveal'] as const) {
      const { pid } = find(await readWindows(stage), kind)
      expect(isAlive(pid)).toBe(true)
      expect(
        await stage.drive({ as: 'strongroom', operation: anOperation, call: 'closePage', input: { page: kind } }),
      ).not.toHaveProperty('code')
      expect(isAlive(pid), `the ${kind} page's process`).toBe(false)
      expect(stage.openWindows(kind)).toEqual([])
    }
  })
})

/** Control 9: who gets a port, and what main's own contracts do with messages that they did not ask for. */
import { expect, test } from 'playwright/test'
import { strongroomHostContract, vaultHostContract } from '../../../shared/contracts/broker.ts'
import { preparedRun } from '../launch.ts'
import { anOperation, buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage

test.describe('ports', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun()))
    await stage.startOperation()
    await stage.openPage('tap')
  })
  test.afterAll(() => stage.close())

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

  test('are given once to a document, however often and however it asks', async () => {
    for (const kind of ['app', 'tap'] as const) {
      const page = await stage.window(kind)
      await page.evaluate(() => {
        for (const message of ['halligan-ready', 'ready', { port: 'app' }, ['halligan-ready'], null]) {
          for (let i = 0; i < 5; i++) window.postMessage(message, location.origin)
        }
        new MessageChannel().port1.postMessage('halligan-ready')
      })
      await pause(300)
      expect(await page.evaluate(() => window.double.ports)).toBe(1)
    }
  })

  test('go only to the main frame of the right page in the right session', async () => {
    const before = (await stage.events()).length
    const senders = await stage.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find((each) => each.webContents.getURL().includes('/app/'))!
      const { mainFrame, ipc } = window.webContents
      const origin = 'https://halligan.localhost'
      const url = `${origin}/app/`
      const forged: (object | null)[] = [
        null,
        {},
        { url, origin },
        { url: 'https://halligan.localhost.example.com/app/', origin },
        { url: `${origin}/tap/`, origin },
        { url: 'about:blank', origin: 'null' },
        Object.defineProperty({}, 'url', {
          get: () => {
            throw new Error('Render frame was disposed')
          },
        }),
        // The true frame, but its document has its port already.
        mainFrame,
      ]
      for (const senderFrame of forged) ipc.emit('halligan-ready', { senderFrame, sender: window.webContents })
      return forged.length
    })
    expect(senders).toBe(8)
    await pause(300)
    const page = await stage.window('app')
    expect(await page.evaluate(() => window.double.ports)).toBe(1)
    expect((await stage.events()).length).toBe(before)
  })

  test('are not given to a window that main did not make, though it loads our page and our preload', async () => {
    const ports = await stage.app.evaluate(async ({ app, BrowserWindow, session }) => {
      const window = new BrowserWindow({
        show: false,
        webPreferences: {
          session: session.fromPartition('halligan-app'),
          preload: `${app.getAppPath()}/preload/app.cjs`,
        },
      })
      await window.loadURL('https://halligan.localhost/app/')
      await new Promise((resolve) => setTimeout(resolve, 300))
      const count = (await window.webContents.executeJavaScript('window.double.ports')) as number
      window.destroy()
      return count
    })
    expect(ports).toBe(0)
  })

  test('nothing else of main listens to pages', async () => {
    const listening = await stage.app.evaluate(({ ipcMain, webContents }) => ({
      main: ipcMain.eventNames(),
      contents: webContents.getAllWebContents().map((each) => each.ipc.eventNames()),
      frames: webContents.getAllWebContents().map((each) => each.mainFrame.ipc.eventNames()),
    }))
    // Electron's own, against a crash on an event of that name.
    expect(listening.main).toEqual(['error'])
    expect(new Set(listening.contents.flat())).toEqual(new Set(['error', 'halligan-ready']))
    expect(new Set(listening.frames.flat())).toEqual(new Set(['error']))
  })

  test('every method of main refuses unknown keys, missing keys, wrong types and prototypes', async () => {
    const prototypeAbuse: unknown = JSON.parse('{"__proto__": {"operation": "' + anOperation + '"}}')
    const abuses: unknown[] = [
      null,
      undefined,
      [],
      'x',
      0,
      { unknown: 1 },
      { operation: 'short' },
      { operation: anOperation, extra: 1 },
      { page: 'app', show: true, title: 'x' },
      { page: '__proto__', show: true, title: 'x' },
      { page: 'tap', show: true, title: 'two\nlines' },
      { page: 'tap', show: true, title: `hidden${String.fromCodePoint(0x202e)}` },
      { page: 'tap', show: true, title: 'x'.repeat(121) },
      { marker: 'x', clearAfterMs: -1 },
      { marker: anOperation, clearAfterMs: Number.POSITIVE_INFINITY },
      prototypeAbuse,
      { operation: anOperation, reason: 'because' },
      { purpose: 'import' },
    ]
    for (const [call, shape] of Object.entries(vaultHostContract.calls)) {
      // A call that asks for nothing gets nothing, whatever hangs on the prototype: it is dropped when the message is read.
      const takesNothing = shape.input.safeParse({}).success
      for (const input of abuses.filter((abuse) => abuse !== prototypeAbuse || !takesNothing))
        expect(await stage.drive({ as: 'vault', call, input }), `${call} ${JSON.stringify(input)}`).toMatchObject({
          code: 'MESSAGE_INVALID',
        })
    }
    for (const call of Object.keys(strongroomHostContract.calls)) {
      for (const input of abuses)
        expect(
          await stage.drive({ as: 'strongroom', operation: anOperation, call, input }),
          `${call} ${JSON.stringify(input)}`,
        ).toMatchObject({ code: 'MESSAGE_INVALID' })
    }
  })

  test('ten megabytes are refused like any other wrong message', async () => {
    const page = await stage.window('app')
    const code = await page.evaluate(async (operation) => {
      const { code: found } = await window.double.drive({
        as: 'vault',
        call: 'startStrongroom',
        input: { operation: 'x'.repeat(10_485_760), also: operation },
      })
      return found
    }, anOperation)
    expect(code).toBe('MESSAGE_INVALID')
  })

  test('unknown methods, other contracts and malformed messages change nothing', async () => {
    const call = {
      contract: 'vault-host',
      kind: 'call',
      id: 900,
      method: 'startStrongroom',
      input: { operation: 'Z'.repeat(22) },
    }
    const raws: unknown[] = [
      { ...call, contract: 'strongroom-host' },
      { ...call, contract: 'app' },
      { ...call, contract: '__proto__' },
      { ...call, kind: 'event' },
      { ...call, id: -1 },
      { ...call, id: '1' },
      { ...call, extra: 1 },
      { ...call, method: 'constructor' },
      { ...call, method: '__proto__' },
      { ...call, method: 'toString' },
      { ...call, method: 'x'.repeat(1000) },
      'startStrongroom',
      null,
      [call],
      { contract: 'vault-control', kind: 'ok', id: 0, output: {} },
    ]
    for (const raw of raws) {
      await stage.drive({
        as: 'vault',
        call: 'endStrongroom',
        input: { operation: 'N'.repeat(22), reason: 'time-elapsed' },
      })
      const page = await stage.window('app')
      await page.evaluate((given) => window.double.post({ number: 0, command: { as: 'vault', raw: given } }), raw)
    }
    await pause(300)
    const started = (await stage.events()).filter((event) => 'event' in event && event.event === 'started')
    expect(started).toHaveLength(1)
    expect(stage.openWindows('app')).toHaveLength(1)
  })

  test('calls in the wrong order are refused', async () => {
    const strongroom = (call: string, input: unknown): ReturnType<RunningStage['drive']> =>
      stage.drive({ as: 'strongroom', operation: anOperation, call, input })
    expect(await strongroom('showPage', { page: 'reveal' })).toMatchObject({ code: 'WINDOW_CLOSED' })
    expect(await strongroom('openPage', { page: 'tap', show: true, title: 'again' })).toMatchObject({
      code: 'OPERATION_BUSY',
    })
    expect(await strongroom('closePage', { page: 'seal' })).not.toHaveProperty('code')
    expect(await strongroom('closePage', { page: 'tap' })).not.toHaveProperty('code')
    expect(await strongroom('showPage', { page: 'tap' })).toMatchObject({ code: 'TAP_WINDOW_CLOSED' })
    expect(
      await stage.drive({ as: 'vault', call: 'startStrongroom', input: { operation: anOperation } }),
    ).toMatchObject({ code: 'OPERATION_BUSY' })
    expect(
      await stage.drive({
        as: 'vault',
        call: 'endStrongroom',
        input: { operation: 'N'.repeat(22), reason: 'time-elapsed' },
      }),
    ).not.toHaveProperty('code')
  })
})

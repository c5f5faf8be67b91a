/** How operations end: obeyed or not, by the person, the system, a crash, a quit. A secret's end is its process's end. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { pressKey } from '../support/press-key.ts'
import { isAlive } from '../support/running-processes.ts'
import { anOperation, buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let appDir: string
let stage: RunningStage

const pidOf = (kind: string): Promise<number> =>
  stage.app.evaluate(
    ({ BrowserWindow }, path) =>
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().includes(path))!
        .webContents.getOSProcessId(),
    `/${kind}/`,
  )
const strongroomPid = (): Promise<number> =>
  stage.app.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Halligan strongroom')!.pid)
const vaultPid = (): Promise<number> =>
  stage.app.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Halligan vault')!.pid)

test.describe('an operation', () => {
  test.beforeAll(async () => {
    appDir = await buildStage(preparedRun())
  })
  test.beforeEach(async () => {
    stage = await launchStage(appDir)
    await stage.startOperation()
    await stage.openPage('reveal')
  })
  test.afterEach(() => stage.close())

  /** Everything of the operation is gone, and the vault process was told. */
  async function expectGone(reason: string | null, pids: readonly number[]): Promise<void> {
    await stage.event('strongroomGone')
    expect(pids.map(isAlive)).toEqual(pids.map(() => false))
    expect(stage.openWindows('reveal')).toEqual([])
    if (reason !== null) expect(await stage.event('end')).toMatchObject({ data: { reason } })
  }

  test('ends when the vault process asks, and the answer comes when process and pages are gone', async () => {
    const pids = [await pidOf('reveal'), await strongroomPid()]
    await stage.drive({ as: 'vault', call: 'endStrongroom', input: { operation: anOperation, reason: 'time-elapsed' } })
    await expectGone('time-elapsed', pids)
  })

  test('is killed when it does not obey within its grace', async () => {
    const pids = [await pidOf('reveal'), await strongroomPid()]
    await stage.drive({ as: 'strongroom', operation: anOperation, stubborn: true })
    const start = performance.now()
    await stage.drive({ as: 'vault', call: 'endStrongroom', input: { operation: anOperation, reason: 'suspended' } })
    expect(performance.now() - start).toBeLessThan(5000)
    await expectGone('suspended', pids)
  })

  test('takes its pages along when its process is killed from outside', async () => {
    const pids = [await pidOf('reveal'), await strongroomPid()]
    process.kill(pids[1]!, 'SIGKILL')
    await expectGone(null, pids)
  })

  test('hears that the person closed its page, and that page is gone with its process', async () => {
    const pid = await pidOf('reveal')
    await stage.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().includes('/reveal/'))!
        .close()
    })
    expect(await stage.event('pageGone')).toMatchObject({ data: { page: 'reveal', died: false } })
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  test('hears that its page crashed', async () => {
    await stage.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().includes('/reveal/'))!
        .webContents.forcefullyCrashRenderer()
    })
    expect(await stage.event('pageGone')).toMatchObject({ data: { page: 'reveal', died: true } })
    expect(stage.openWindows('reveal')).toEqual([])
  })

  for (const kind of ['reveal', 'app'] as const) {
    test(`ends at once on Ctrl+L in the ${kind} window`, async () => {
      const pids = [await pidOf('reveal'), await strongroomPid()]
      await pressKey(stage, kind, 'L')
      await expectGone('hidden-by-person', pids)
    })
  }

  for (const [event, reason] of [
    ['suspend', 'suspended'],
    ['resume', 'suspended'],
    ['lock-screen', 'screen-locked'],
  ] as const) {
    test(`ends when the system says ${event}`, async () => {
      const pids = [await pidOf('reveal'), await strongroomPid()]
      await stage.app.evaluate(({ powerMonitor }, name) => powerMonitor.emit(name), event)
      await expectGone(reason, pids)
    })
  }

  test('ends within 10 s of a screen lock that Linux does not announce', async () => {
    test.skip(process.platform !== 'linux', 'only Linux is polled')
    const pids = [await pidOf('reveal'), await strongroomPid()]
    await stage.app.evaluate(({ powerMonitor }) => {
      powerMonitor.getSystemIdleState = () => 'locked'
    })
    await expectGone('screen-locked', pids)
  })

  test('ends when the vault process dies; that is started again and the app window speaks to the new one', async () => {
    const pids = [await pidOf('reveal'), await strongroomPid()]
    const first = await vaultPid()
    process.kill(first, 'SIGKILL')
    await expect.poll(() => pids.map(isAlive)).toEqual([false, false])
    const page = await stage.window('app')
    await page.waitForFunction(() => 'double' in window && window.double.ports === 1 && window.double.events.length > 0)
    expect(await vaultPid()).not.toBe(first)
    expect(await stage.startOperation('P'.repeat(22))).toBe('P'.repeat(22))
  })

  test('survives a crash of the app window, which comes back', async () => {
    const strongroom = await strongroomPid()
    process.kill(await pidOf('app'), 'SIGKILL')
    await expect.poll(stage.appPorts).toBe(1)
    expect(isAlive(strongroom)).toBe(true)
    expect(stage.openWindows('reveal')).toHaveLength(1)
  })

  test('ends when the app quits: the strongroom first, then the vault process, then the app with code 0', async () => {
    const pids = [await pidOf('reveal'), await strongroomPid(), await vaultPid(), await pidOf('app')]
    const main = stage.app.process()
    await stage.close()
    expect(main.exitCode).toBe(0)
    expect(pids.map(isAlive)).toEqual(pids.map(() => false))
    const told = [...stage.output().matchAll(/^double (.*)$/gm)].map(
      ([, text]) => JSON.parse(text!) as { event: string; data: object },
    )
    expect(told.find(({ event }) => event === 'end')).toMatchObject({ data: { reason: 'app-quit' } })
    const order = told.map(({ event }) => event).filter((event) => ['end', 'strongroomGone', 'close'].includes(event))
    expect(order).toEqual(['end', 'strongroomGone', 'close'])
  })

  test('ends when the person closes the app window', async () => {
    const main = stage.app.process()
    const exited = new Promise<number | null>((resolve) => main.once('exit', resolve))
    await stage.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()
        .find((window) => window.getTitle() === 'Halligan')!
        .close()
    })
    expect(await exited).toBe(0)
    expect(stage.output()).toContain('"reason":"app-quit"')
  })

  for (const [what, fail] of [
    [
      'an exception',
      () =>
        setImmediate(() => {
          throw new Error('nobody expects this')
        }),
    ],
    ['a rejection', () => void Promise.reject(new Error('nobody expects this'))],
  ] as const) {
    test(`ends when main meets ${what} that nobody foresaw, and the app leaves with code 70`, async () => {
      const pids = [await pidOf('reveal'), await strongroomPid(), await vaultPid()]
      const main = stage.app.process()
      const exited = new Promise<number | null>((resolve) => main.once('exit', resolve))
      await stage.app.evaluate(fail)
      expect(await exited).toBe(70)
      expect(pids.map(isAlive)).toEqual([false, false, false])
      expect(stage.output()).toContain('"reason":"app-quit"')
    })
  }

  test('can dump no core, and nothing here uploads or keeps crashes', async () => {
    await expect
      .poll(async () => {
        const pids = [await strongroomPid(), await pidOf('reveal'), await stage.app.evaluate(() => process.pid)]
        return pids.map((pid) =>
          /^Max core file size\s+0\s+0\s/m.test(readFileSync(`/proc/${String(pid)}/limits`, 'utf8')),
        )
      })
      .toEqual([true, true, true])
    const crashes = await stage.app.evaluate(({ app, crashReporter }) => {
      let uploads: boolean | string
      try {
        uploads = crashReporter.getUploadToServer()
      } catch {
        uploads = 'never started'
      }
      return { uploads, switchedOff: app.commandLine.hasSwitch('disable-breakpad') }
    })
    expect(crashes.switchedOff).toBe(true)
    expect([false, 'never started']).toContain(crashes.uploads)
  })
})

/** A window ends for every reason, the processes that saw the secret are gone, and the log says why. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'playwright/test'
import type { CloseReason } from '../../shared/audit/entry.ts'
import {
  keepPictures,
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  tapAll,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries } from './journey/log.ts'
import { fill, press, waitForShown } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'

let halligan: Halligan
let custodians: readonly Person[]

interface Process {
  readonly pid: number
  readonly name: string
}

/** The app's processes by what they are. */
const listProcesses = (): Promise<Process[]> =>
  halligan.launched.app.evaluate(({ app }) =>
    app.getAppMetrics().map(({ pid, type, name, serviceName }) => ({ pid, name: name ?? serviceName ?? type })),
  )
const findStrongroom = async (): Promise<number> => {
  const found = (await listProcesses()).find(({ name }) => name === 'Halligan strongroom')
  if (found === undefined) throw new Error('no strongroom process')
  return found.pid
}
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const rendererPid = (): Promise<number> =>
  halligan.launched.app.evaluate(({ BrowserWindow }) => {
    const reveal = BrowserWindow.getAllWindows().find((window) => window.webContents.getURL().includes('/reveal/'))
    return reveal?.webContents.getOSProcessId() ?? 0
  })

async function openWindow(seconds = '2 minutes'): Promise<{ strongroom: number; renderer: number }> {
  await openRequest(halligan, { credential: 'Cloud root', by: custodians[0] as Person, seconds })
  await tapAll(halligan, [custodians[0], custodians[1]] as Person[])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, 'window-end-secret')
  return { strongroom: await findStrongroom(), renderer: await rendererPid() }
}

/** What the command line, which trusts nothing of the app, says of the vault: intact, or the test fails. */
function expectIntact(): void {
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const answer = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(answer.status, answer.stdout + answer.stderr).toBe(0)
}

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(120_000)
  halligan = await startHalligan()
  ;({ custodians } = await setUpSmallVault(halligan))
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: custodians[0] as Person,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'window-end-secret')
    },
  })
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

const endings: readonly [string, CloseReason, (pids: { strongroom: number; renderer: number }) => Promise<unknown>][] =
  [
    ['somebody presses "Hide now"', 'hidden-by-person', async () => press(await revealWindow(halligan), 'Hide now')],
    [
      'the machine goes to sleep',
      'suspended',
      () => halligan.launched.app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend')),
    ],
    [
      'the screen is locked',
      'screen-locked',
      () => halligan.launched.app.evaluate(({ powerMonitor }) => powerMonitor.emit('lock-screen')),
    ],
    [
      'the reveal window is closed',
      'window-closed',
      () =>
        halligan.launched.app.evaluate(({ BrowserWindow }) => {
          BrowserWindow.getAllWindows()
            .find((window) => window.webContents.getURL().includes('/reveal/'))
            ?.close()
        }),
    ],
    [
      'the reveal page is killed',
      'reveal-window-died',
      ({ renderer }) => Promise.resolve(process.kill(renderer, 'SIGKILL')),
    ],
    [
      'the strongroom is killed',
      'strongroom-died',
      ({ strongroom }) => Promise.resolve(process.kill(strongroom, 'SIGKILL')),
    ],
    [
      'somebody presses Ctrl+L',
      'hidden-by-person',
      // As the window gets it from the system: a key that a test driver injects does not pass the window.
      () =>
        halligan.launched.app.evaluate(({ BrowserWindow }) => {
          const reveal = BrowserWindow.getAllWindows().find((window) =>
            window.webContents.getURL().includes('/reveal/'),
          )
          reveal?.webContents.sendInputEvent({ type: 'keyDown', keyCode: 'L', modifiers: ['control'] })
        }),
    ],
  ]

/** The newest end of a window that the log tells of. */
async function lastClosed() {
  const closed = entriesOf(await readEntries(halligan.vaultDir), 'window.closed')
  return { count: closed.length, last: closed.at(-1)?.data }
}

for (const [name, reason, end] of endings) {
  test(`ends when ${name}; both processes are gone`, async () => {
    const before = await lastClosed()
    const pids = await openWindow()
    await end(pids)
    await waitForClosed(halligan, /window is closed|ended|died|closed/i)
    await expect.poll(() => [isAlive(pids.strongroom), isAlive(pids.renderer)]).toEqual([false, false])
    const { count, last } = await lastClosed()
    expect({ count, reason: last?.reason }).toEqual({ count: before.count + 1, reason })
    expectIntact()
  })
}

/** The window that ended after `count` others had its 15 seconds, no less and hardly more. */
async function expectTimeElapsed(count: number): Promise<void> {
  const { count: now, last } = await lastClosed()
  expect({ count: now, reason: last?.reason }).toEqual({ count: count + 1, reason: 'time-elapsed' })
  expect(last?.openedMs).toBeGreaterThanOrEqual(14_000)
  expect(last?.openedMs).toBeLessThanOrEqual(17_000)
}

test('ends by itself when its 15 seconds are over, and not before', async () => {
  const before = await lastClosed()
  const pids = await openWindow('15 seconds')
  await waitForClosed(halligan, /The window is closed/)
  await expect.poll(() => [isAlive(pids.strongroom), isAlive(pids.renderer)]).toEqual([false, false])
  await expectTimeElapsed(before.count)
})

test('ends on time though the clocks of its page stand still', async () => {
  const before = await lastClosed()
  const pids = await openWindow('15 seconds')
  await (
    await revealWindow(halligan)
  ).evaluate(() => {
    const [wall, monotonic] = [Date.now(), performance.now()]
    Date.now = () => wall
    performance.now = () => monotonic
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
    globalThis.setInterval = (() => 0) as unknown as typeof setInterval
    globalThis.requestAnimationFrame = () => 0
  })
  await waitForClosed(halligan, /The window is closed/)
  await expect.poll(() => [isAlive(pids.strongroom), isAlive(pids.renderer)]).toEqual([false, false])
  await expectTimeElapsed(before.count)
})

test('quitting the app ends the window, and the log stays whole', async () => {
  const before = await lastClosed()
  const pids = await openWindow()
  await halligan.launched.close()
  expect([isAlive(pids.strongroom), isAlive(pids.renderer)]).toEqual([false, false])
  const { count, last } = await lastClosed()
  expect({ count, reason: last?.reason }).toEqual({ count: before.count + 1, reason: 'app-quit' })
  const end = (await readEntries(halligan.vaultDir)).at(-1)
  expect(end).toMatchObject({ type: 'app.closed', data: { reason: 'quit' } })
  expectIntact()
})

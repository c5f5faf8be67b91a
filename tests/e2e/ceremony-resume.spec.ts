/** The machine loses the app at every boundary between two steps of a ceremony: it goes on with the step that was on. */
import { expect, test } from 'playwright/test'
import { spawnSync } from 'node:child_process'
import { ensureSystemBrowser } from '../../build/system-browser.ts'
import { doStep, openCeremony, readProgress, signMinutes } from './journey/ceremony.ts'
import { keepPictures, sealCredential, setUpSmallVault, startHalligan, type Halligan } from './journey/halligan.ts'
import { entriesOf, readEntries } from './journey/log.ts'
import { fill, press } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'
import { startTapBrowser, type TapBrowser } from './journey/tap-browser.ts'
import { preparedRun } from './launch.ts'

const chromiumPath = await ensureSystemBrowser()

let browser: TapBrowser
let halligan: Halligan
let ada: Person
let grace: Person

test.describe.configure({ mode: 'serial' })
test.skip(chromiumPath === null, 'needs a browser of the system: apt-get install chromium')
test.beforeAll(async () => {
  test.setTimeout(120_000)
  // The keys live in a browser of the test's own: they outlive the app.
  browser = await startTapBrowser(preparedRun(), chromiumPath!)
  halligan = await startHalligan({ browser })
  const { custodians } = await setUpSmallVault(halligan, { n: 2 })
  ;[ada, grace] = custodians as [Person, Person]
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: ada,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'before-the-ceremony')
    },
  })
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
  await browser.close()
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Kills every process of the app at once, and starts it on the same data. */
async function killAndRestart(): Promise<void> {
  const { launched, userDir } = halligan
  const pids = await launched.app.evaluate(({ app }) => [process.pid, ...app.getAppMetrics().map(({ pid }) => pid)])
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  await expect.poll(() => pids.filter(isAlive), { timeout: 15_000 }).toEqual([])
  await launched.close()
  halligan = await startHalligan({ browser, userDir })
}

/** Each restart takes seconds: all of them in the campaign, and every third otherwise. */
const isKilledBefore = (step: number): boolean => process.env['HALLIGAN_CAMPAIGN'] === 'full' || step % 3 === 1

test('killed after every step, it goes on with the next one', async () => {
  test.setTimeout(180_000)
  await openCeremony(halligan, { kind: 'Rotation', lead: ada, chosen: ['Cloud root'] })
  const { all } = await readProgress(halligan.app)
  for (let step = 0; step < all; step++) {
    if (isKilledBefore(step)) {
      await killAndRestart()
      const { app } = halligan
      const notice = new RegExp(`is open\\. Step ${String(step + 1)} of ${String(all)}\\.`)
      await expect(app.getByText(notice)).toBeVisible({ timeout: 20_000 })
      await press(app, 'Go on with it')
    }
    await doStep(halligan, ada, [ada, grace])
  }
})

test('killed before the minutes, and between two signatures, they are still signed', async () => {
  test.setTimeout(90_000)
  await killAndRestart()
  await press(halligan.app, 'Go on with it')
  await press(halligan.app, 'Write the minutes and sign')
  await halligan.table.touch(ada.keys[0]!)
  await expect
    .poll(async () => entriesOf(await readEntries(halligan.vaultDir), 'joint.signed').length)
    .toBeGreaterThan(2)
  await killAndRestart()
  const { app } = halligan
  await expect(app.getByText('Its minutes wait for signatures.', { exact: false })).toBeVisible({ timeout: 20_000 })
  await press(app, 'Go on with it')
  await expect(app.getByText('1 of 2 have signed.', { exact: false })).toBeVisible()
  await signMinutes(halligan, [grace])
})

test('the log is intact, and tells of one ceremony', async () => {
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
  const entries = await readEntries(halligan.vaultDir)
  expect(entriesOf(entries, 'ceremony.opened')).toHaveLength(1)
  expect(entriesOf(entries, 'ceremony.closed')).toHaveLength(1)
  const steps = entriesOf(entries, 'ceremony.step').map(({ data }) => data.step)
  expect(steps).toEqual(steps.map((_, index) => index))
})

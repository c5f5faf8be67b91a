/** A safe that makes requests wait, in the real app: two rounds of taps, a veto, and an emergency elsewhere that nothing holds up. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'playwright/test'
import { expectAccessible } from './journey/axe.ts'
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
import { fill, goTo, press, waitForOutcome, waitForShown } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'

const signing = 'Release signing key'
const cloud = 'Cloud root'
const secret = 'm2-Harbour-Lantern'
const approved = /It waits now; nothing is opened/

let halligan: Halligan
let ada: Person
let grace: Person
/** Only asks; and she can stop what others ask for. */
let rita: Person

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  halligan = await startHalligan()
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

const seal = (name: string, safe: string, password: string): Promise<void> =>
  sealCredential(halligan, {
    name,
    safe,
    kind: 'Login',
    by: ada,
    fillForm: async (form) => {
      await fill(form, 'User name', 'root')
      await fill(form, 'Password', password)
    },
  })

test('sets up a safe whose requests wait a minute, beside one whose do not', async () => {
  const delay = { minutes: 1, vetoers: ['Rita Okafor'] }
  const { custodians, requester } = await setUpSmallVault(halligan, { delay, besides: 'Outage' })
  ;[ada, grace] = custodians as [Person, Person, Person]
  rita = requester
  await seal(signing, 'Emergency', secret)
  await seal(cloud, 'Outage', 'anything else')
})

test('a quorum approves; nothing is opened, and an emergency elsewhere is not held up', async () => {
  const { app, tap, launched, vaultDir } = halligan
  await openRequest(halligan, { credential: signing, by: ada, seconds: '30 seconds' })
  await expect(tap.getByText(`Approve, to open later: ${signing}`)).toBeVisible()
  await tapAll(halligan, [ada, grace])
  await waitForOutcome(app, approved)
  await expect(app.getByText(/Can be opened in/)).toBeVisible()
  await expect(app.getByRole('button', { name: `Open now: ${signing}` })).toHaveCount(0)
  expect(launched.openWindows('reveal')).toEqual([])
  await expectAccessible(app, 'a request that waits')

  await openRequest(halligan, { credential: cloud, by: ada, seconds: '30 seconds' })
  await tapAll(halligan, [ada, grace])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
  const granted = entriesOf(await readEntries(vaultDir), 'request.granted')
  expect(granted).toHaveLength(1)
})

test('somebody who may stops another request while it waits', async () => {
  const { app, vaultDir } = halligan
  await openRequest(halligan, { credential: signing, by: grace, seconds: '30 seconds' })
  await tapAll(halligan, [grace, ada])
  await waitForOutcome(app, approved)
  // The one that waits longest opens first and stands first.
  await app
    .getByRole('button', { name: `Stop it: ${signing}` })
    .last()
    .click()
  await fill(app, 'Why is it stopped?', 'Nobody told me of a release today.')
  await press(app, 'Stop it with a tap')
  await tapAll(halligan, [rita])
  await waitForOutcome(app, /The request is stopped/)
  const vetoes = entriesOf(await readEntries(vaultDir), 'request.vetoed')
  expect(vetoes).toMatchObject([{ data: { statement: { detail: { reason: 'Nobody told me of a release today.' } } } }])
})

test('it opens after its wait, for a quorum that taps once more', async () => {
  test.setTimeout(120_000)
  const { app, tap, vaultDir } = halligan
  await goTo(app, 'Credentials')
  const open = app.getByRole('button', { name: `Open now: ${signing}` })
  await open.waitFor({ timeout: 70_000 })
  await expectAccessible(app, 'a request that can be opened')
  await open.click()
  await expect(tap.getByText(/This is the second time/)).toBeVisible()
  await tapAll(halligan, [ada, grace])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, secret)
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
  const entries = await readEntries(vaultDir)
  const waits = entriesOf(entries, 'request.waiting')
  const resumed = entriesOf(entries, 'request.resumed')
  expect(waits).toHaveLength(2)
  expect(resumed).toHaveLength(1)
  const passed = (resumed[0]?.monotonic ?? 0) - (waits[0]?.monotonic ?? 0)
  expect(passed).toBeGreaterThanOrEqual(60_000)
})

test('the log of all this verifies', () => {
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const answer = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(JSON.parse(answer.stdout)).toMatchObject({ integrity: { verdict: 'intact', problems: [] } })
})

/** One quorum, two places: where a tap takes place is chosen between two taps, and every tap counts alike. */
import { expect, test } from 'playwright/test'
import { ensureSystemBrowser } from '../../build/system-browser.ts'
import {
  keepPictures,
  openRequest,
  revealWindow,
  sealCredential,
  startHalligan,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries } from './journey/log.ts'
import { fill, goTo, pick, press, waitForShown } from './journey/screens.ts'
import { KeyTable } from './journey/security-keys.ts'
import { enrolKeys, mainKey, person, planVault, type Person } from './journey/set-up.ts'
import { startTapBrowser, type TapBrowser } from './journey/tap-browser.ts'
import { preparedRun } from './launch.ts'

const chromiumPath = await ensureSystemBrowser()

let browser: TapBrowser
let halligan: Halligan
let inWindow: KeyTable
const [ada, grace, edsger] = ['Ada Byron', 'Grace Hopper', 'Edsger Dijkstra'].map((name) => person(name, true)) as [
  Person,
  Person,
  Person,
]

test.describe.configure({ mode: 'serial' })
test.skip(chromiumPath === null, 'needs a browser of the system: apt-get install chromium')
test.beforeAll(async () => {
  browser = await startTapBrowser(preparedRun(), chromiumPath!)
  halligan = await startHalligan({ browser, keepTapWindow: true })
  inWindow = await KeyTable.attach(await halligan.launched.window('tap'))
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
  await browser.close()
})

/** Through the app's own setting, wherever that stands now. */
async function tapIn(place: 'window' | 'browser'): Promise<void> {
  const { app } = halligan
  await pick(app, place === 'window' ? 'In Halligan’s window' : 'In the browser')
  const says = place === 'window' ? /takes place in a window of Halligan/ : /takes place in the browser you named/
  await app.getByText(says).waitFor()
}

test('enrols one custodian’s key in the window and two in the browser', async () => {
  test.setTimeout(120_000)
  const { app } = halligan
  await planVault(app, 'Mixed vault', [ada, grace, edsger], {
    name: 'Emergency',
    threshold: 3,
    shortest: '15 seconds',
    requesterMayTap: true,
  })
  for (const custodian of [grace, edsger]) await enrolKeys(app, browser.table, custodian, 1)
  await tapIn('window')
  await enrolKeys(app, inWindow, ada, 1)
  await tapIn('browser')
})

/** The way back that is offered while the browser waits: the page that stands there moves. */
const moveToWindow = (): Promise<void> => press(halligan.app, 'Tap in Halligan’s window instead')

test('has them sign, each where their key is', async () => {
  const { app } = halligan
  await press(app, 'Continue')
  await press(app, 'Collect acknowledgements')
  for (const custodian of [grace, edsger]) await browser.table.touch(mainKey(custodian))
  await moveToWindow()
  await inWindow.touch(mainKey(ada))
  await app.getByRole('heading', { name: 'Credentials', level: 1 }).waitFor({ timeout: 20_000 })
})

test('opens for a quorum that tapped in both places', async () => {
  const { app } = halligan
  await sealCredential(
    { ...halligan, table: inWindow },
    {
      name: 'Cloud root',
      kind: 'Login',
      by: ada,
      fillForm: async (seal) => {
        await fill(seal, 'User name', 'root@example.test')
        await fill(seal, 'Password', 'both-places-1')
      },
    },
  )
  await goTo(app, 'People and safes')
  await tapIn('browser')
  await openRequest(halligan, { credential: 'Cloud root', by: grace, seconds: '30 seconds' })
  for (const custodian of [grace, edsger]) await browser.table.touch(mainKey(custodian))
  await app.getByText('2 of 3 custodians').waitFor()
  await moveToWindow()
  await inWindow.touch(mainKey(ada))
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, 'both-places-1')
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)

  const taps = entriesOf(await readEntries(halligan.vaultDir), 'tap.accepted').map(({ data }) => {
    const client = Buffer.from(data.assertion.clientDataJSON, 'base64url').toString('utf8')
    return new URL((JSON.parse(client) as { origin: string }).origin).protocol
  })
  expect(taps.slice(-3)).toEqual(['http:', 'http:', 'https:'])
})

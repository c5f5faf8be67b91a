/** Taps in the real browser as the app starts it: one whole enrolment, and nothing left behind however it ends. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { ensureSystemBrowser } from '../../build/system-browser.ts'
import { searchFiles } from '../support/search-for-secret.ts'
import { press, waitForOutcome } from './journey/screens.ts'
import { person, planVault } from './journey/set-up.ts'
import { launchApp, preparedRun, type LaunchedApp } from './launch.ts'

const chromiumPath = await ensureSystemBrowser()
const patient = { timeout: 20_000 }

let launched: LaunchedApp
let app: Page
let profiles: string
/** Names of all profiles that were seen, and the addresses that their browsers were led to. */
const seen = new Set<string>()
const tokens: string[] = []

test.describe.configure({ mode: 'serial' })
test.skip(chromiumPath === null, 'needs a browser of the system: apt-get install chromium')
test.beforeAll(async () => {
  const run = preparedRun()
  const program = path.join(mkdtempSync(path.join(run.runDir, 'real-browser-')), 'chromium')
  // The browser as it is, and a door for the test: only so can a virtual key be laid beside it.
  writeFileSync(program, `#!/bin/sh\nexec ${String(chromiumPath)} "$@" --remote-debugging-port=0\n`)
  for (const file of [path.dirname(program), program]) chmodSync(file, 0o755)
  launched = await launchApp({ taps: { driver: 'browser', browserPath: program } })
  app = await launched.window('app')
  profiles = path.join(launched.userDir, 'tap-profiles')
  const people = ['Ada Byron', 'Grace Hopper', 'Rita Okafor'].map((name) => person(name, true))
  await planVault(app, 'Real vault', people, { name: 'Emergency', threshold: 2 })
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await app.screenshot({ path: info.outputPath('app.png') }).catch(() => undefined)
})
test.afterAll(async () => {
  await launched.close()
})

const profileNames = (): string[] => (existsSync(profiles) ? readdirSync(profiles) : [])

/** The browser that the app has started last, once its page is there. */
async function attach(): Promise<{ browser: Browser; page: Page; pid: number }> {
  let [name, port] = ['', '']
  await expect
    .poll(() => {
      name = profileNames().find((one) => !seen.has(one)) ?? ''
      const file = path.join(profiles, name, 'data', 'DevToolsActivePort')
      port = name !== '' && existsSync(file) ? (readFileSync(file, 'utf8').split('\n')[0] ?? '') : ''
      return port
    }, patient)
    .not.toBe('')
  seen.add(name)
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  const pages = (): Page[] => browser.contexts().flatMap((context) => context.pages())
  const isOurs = (page: Page): boolean => page.url().startsWith('http://halligan.localhost:')
  await expect.poll(() => pages().some(isOurs), patient).toBe(true)
  const page = pages().find(isOurs)!
  tokens.push(new URL(page.url()).pathname.split('/')[1]!)
  await page.getByRole('button', { name: 'I have read this: use my key' }).waitFor(patient)
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return { browser, page, pid: processInfo.find(({ type }) => type === 'browser')!.id }
}

async function startEnrolling(name: string): Promise<void> {
  await press(app, `Enrol keys of ${name}`)
}

function processesOfProfiles(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .filter((args) => args.includes(profiles))
}

/** Everything that could tell that there was a tap in a browser. */
const leftovers = (): string[] => [
  ...profileNames(),
  ...readdirSync(os.tmpdir()).filter((name) => [...seen].some((profile) => name.includes(profile))),
  ...readdirSync('/dev/shm').filter((name) => !shared.has(name) && /chrom|halligan/i.test(name)),
  ...processesOfProfiles(),
  // Not below folders that are being written or removed at this moment.
  ...(profileNames().length === 0 ? searchFiles(launched.userDir, tokens) : []),
]
const shared = new Set(readdirSync('/dev/shm'))

test('enrols a key, from the press on the button to the end of the browser', async () => {
  test.setTimeout(90_000)
  await press(app, 'Name the keys of Ada Byron')
  await press(app, 'One key less')
  await startEnrolling('Ada Byron')
  const { page } = await attach()
  await expect(page).toHaveTitle(/Halligan/)
  // While it runs there is much to find: the search itself works.
  expect(leftovers().length).toBeGreaterThan(2)
  await tapWithKey(page)
  await app.getByRole('button', { name: 'Enrol keys of Ada Byron again' }).waitFor({ timeout: 30_000 })
  await expect.poll(leftovers, patient).toEqual([])
})

/** Lays a new key beside that browser, which answers every touch that is asked for. */
async function tapWithKey(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
    },
  })
  await press(page, 'I have read this: use my key')
}

test('a person who cancels in the app ends the browser', async () => {
  await startEnrolling('Grace Hopper')
  await attach()
  await app.getByText('Go on in the browser window that has opened').waitFor()
  await press(app, 'Cancel')
  await waitForOutcome(app, /Enrolling was cancelled/)
  await expect.poll(leftovers, patient).toEqual([])
})

test('a person who closes the browser is told, and offered the window', async () => {
  await startEnrolling('Grace Hopper')
  const { page } = await attach()
  await page.close()
  await waitForOutcome(app, /cancelled|closed/)
  await expect(app.getByRole('button', { name: 'Tap in the window instead' })).toBeVisible()
  await expect.poll(leftovers, patient).toEqual([])
})

test('a browser that crashes is followed by another, where the tap completes, and both leave nothing', async () => {
  test.setTimeout(90_000)
  await press(app, 'Name the keys of Grace Hopper')
  await press(app, 'One key less')
  await startEnrolling('Grace Hopper')
  const { pid } = await attach()
  process.kill(pid, 'SIGKILL')
  const { page } = await attach()
  await tapWithKey(page)
  await app.getByRole('button', { name: 'Enrol keys of Grace Hopper again' }).waitFor({ timeout: 30_000 })
  await expect.poll(leftovers, patient).toEqual([])
})

test('an app that is killed takes its browser and everything of it along', async () => {
  await startEnrolling('Rita Okafor')
  await attach()
  expect(leftovers().length).toBeGreaterThan(2)
  const main = await launched.app.evaluate(() => process.pid)
  process.kill(main, 'SIGKILL')
  await expect.poll(leftovers, patient).toEqual([])
})

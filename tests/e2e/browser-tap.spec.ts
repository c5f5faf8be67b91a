/** Taps in the system's browser: the main job in the real app, whose own tap window is never opened. */
import { mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { ensureSystemBrowser } from '../../build/system-browser.ts'
import { rpId } from '../../shared/domain/tap.ts'
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
import { openShares } from './journey/open-shares.ts'
import { fill, goTo, press, waitForOutcome, waitForShown } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'
import { startTapBrowser, type TapBrowser } from './journey/tap-browser.ts'
import { preparedRun, windowUrls } from './launch.ts'
import { startCapture, whyNoCapture, type Capture } from './support/packet-capture.ts'
import { ask, type Asked } from '../support/loopback-visitor.ts'
import { holdsBytes } from '../support/search-for-secret.ts'

const secret = 'q7#Lighthouse-Falcon'

const chromiumPath = await ensureSystemBrowser()

let browser: TapBrowser
let halligan: Halligan
let custodians: readonly Person[]
let requester: Person
let capture: Capture | null = null

test.describe.configure({ mode: 'serial' })
test.skip(chromiumPath === null, 'needs a browser of the system: apt-get install chromium')
test.beforeAll(async () => {
  const run = preparedRun()
  if ((await whyNoCapture()) === null) capture = await startCapture(mkdtempSync(path.join(run.runDir, 'capture-')))
  browser = await startTapBrowser(run, chromiumPath!)
  halligan = await startHalligan({ browser })
  await recordPages()
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
  await browser.close()
})

/** Keeps the address of every page that any window of the app goes to from here on. */
async function recordPages(): Promise<void> {
  await halligan.launched.app.evaluate(({ app }) => {
    const pages: string[] = []
    ;(globalThis as unknown as { halliganPages: string[] }).halliganPages = pages
    app.on('web-contents-created', (_event, contents) => {
      contents.on('did-start-navigation', ({ url }) => void pages.push(url))
    })
  })
}
const recordedPages = (): Promise<readonly string[]> =>
  halligan.launched.app.evaluate(() => (globalThis as unknown as { halliganPages: string[] }).halliganPages)

test('enrols the keys of five custodians', async () => {
  test.setTimeout(120_000)
  ;({ custodians, requester } = await setUpSmallVault(halligan, { n: 5, threshold: 3 }))
  await expect(halligan.app.getByText('Nothing is sealed yet')).toBeVisible()
  expect(halligan.launched.openWindows('tap')).toEqual([])
})

test('seals', async () => {
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: custodians[0]!,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root@example.test')
      await fill(seal, 'Password', secret)
    },
  })
})

test('opens for three of five, each on a page that shows what they approve', async () => {
  const { app, tap, table } = halligan
  await openRequest(halligan, {
    credential: 'Cloud root',
    by: requester,
    seconds: '30 seconds',
    reason: 'A browser drill',
  })
  await tapAll(halligan, [requester, custodians[0]!, custodians[1]!])
  await tap.getByRole('button', { name: 'I have read this: use my key' }).waitFor()
  await expect(tap.getByText('A browser drill')).toBeVisible()
  await expect(tap.getByText('30 seconds')).toBeVisible()
  await expect(tap.getByText('2 of 3 custodians')).toBeVisible()
  await expect(app.getByText('Go on in the browser window that has opened')).toBeVisible()
  await table.touch(custodians[2]!.keys[0]!)
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, secret)
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

test('drills a key', async () => {
  const { app, table } = halligan
  const [ada] = custodians as [Person]
  await goTo(app, 'People and safes')
  await press(app, `Test “Main key” of ${ada.name}`)
  await table.touch(ada.keys[0]!)
  await waitForOutcome(app, /The key works/)
  expect(entriesOf(await readEntries(halligan.vaultDir), 'drill.passed')).toHaveLength(1)
})

test('adds a backup key', async () => {
  const { app, tap, table } = halligan
  const [ada] = custodians as [Person]
  await press(app, `Add a backup key for ${ada.name}`)
  await press(app, 'Enrol the new key')
  const backup = await table.add(`${ada.name}, backup`)
  for (let touch = 0; touch < 3; touch++) await table.touch(backup)
  await expect(tap.getByText(/gets the security key “Spare key”/)).toBeVisible()
  await table.touch(ada.keys[0]!)
  await waitForOutcome(app, /The new key is enrolled and signed for/)
})

test('records the origin of each tap, and that nobody knocked', async () => {
  const entries = await readEntries(halligan.vaultDir)
  const origins = entriesOf(entries, 'tap.accepted').map(({ data }) => {
    const client = Buffer.from(data.assertion.clientDataJSON, 'base64url').toString('utf8')
    return (JSON.parse(client) as { origin: string }).origin
  })
  expect(origins.length).toBeGreaterThan(3)
  for (const origin of origins) expect(origin).toMatch(new RegExp(`^http://${rpId}:\\d+$`))
  // One page, one address, one port: none was used for two taps.
  expect(new Set(browser.runs.map(({ address }) => address)).size).toBe(browser.runs.length)
  expect(entriesOf(entries, 'tap-page.refused')).toEqual([])
})

test('refuses and records whoever else knocks while a tap waits, and the tap completes', async () => {
  const { app, tap, table } = halligan
  const [ada] = custodians as [Person]
  const runs = browser.runs.length
  await press(app, `Test “Main key” of ${ada.name}`)
  await expect.poll(() => browser.runs.length).toBe(runs + 1)
  await tap.getByRole('button', { name: 'I have read this: use my key' }).waitFor()
  const { port: portText, pathname, origin } = new URL(browser.runs.at(-1)!.address)
  const port = Number(portText)
  const knock = async (asked: Asked): Promise<number> => (await ask(port, asked)).status
  expect(await knock({ path: pathname, headers: { host: `evil.example:${portText}` } })).toBe(403)
  expect(await knock({ path: `/${'A'.repeat(43)}/` })).toBe(404)
  expect(await knock({ path: pathname })).toBe(410)
  const json = { origin, 'content-type': 'application/json' }
  expect(await knock({ method: 'POST', path: `${pathname}message`, headers: json, body: '{}' })).toBe(403)
  await table.touch(ada.keys[0]!)
  await waitForOutcome(app, /The key works/)
  const refused = async (): Promise<readonly string[]> =>
    entriesOf(await readEntries(halligan.vaultDir), 'tap-page.refused').map(({ data }) => `${data.count} ${data.code}`)
  await expect.poll(refused).toEqual(['1 host-wrong', '1 token-wrong', '1 token-used', '1 channel-wrong'])
})

/** Sends `bytes` over loopback, as a page that leaks would. @returns the port it went to */
async function leak(bytes: Buffer): Promise<number> {
  const server = createServer((socket) => socket.resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => {
    socket.end(bytes, resolve)
  })
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

test('lets nothing cross the loopback that opens anything', async () => {
  const why = await whyNoCapture()
  test.skip(why !== null, why ?? '')
  const { prfOutputs } = browser
  const shares = await openShares(halligan.vaultDir, prfOutputs)
  expect(prfOutputs.length).toBeGreaterThan(2 * custodians.length)
  for (const output of prfOutputs) expect(output).toHaveLength(32)
  // One of them has a second key.
  expect(shares).toHaveLength(custodians.length + 1)
  const secrets = [
    ...prfOutputs,
    ...shares.flatMap(({ secretKey, share, envelope }) => [secretKey, share, envelope]),
    Buffer.from(secret),
  ]
  // Two leaks of our own, to see that one would be found: as text in a body, and as it is.
  const [prf, share] = [prfOutputs[0]!, shares[0]!.share]
  const leaks = [await leak(Buffer.from(`{"box":"AB${prf.toString('base64url')}"}`)), await leak(share)]
  const flows = await capture!.stop()
  const leaky = flows.filter(({ bytes }) => secrets.some((one) => holdsBytes(bytes, one)))
  expect(leaky.map(({ toPort }) => toPort).sort()).toEqual([...leaks].sort())

  // And what was searched is the whole of what pages and host said.
  const ports = browser.runs.map(({ address }) => Number(new URL(address).port))
  const ofTaps = (port: number, mark: string): boolean =>
    flows.some(({ fromPort, toPort, bytes }) => (fromPort === port || toPort === port) && bytes.includes(mark))
  for (const port of ports) {
    expect(ofTaps(port, '"method":"show"')).toBe(true)
    expect(ofTaps(port, '"strongroomKey":')).toBe(true)
    expect(ofTaps(port, '"clientDataJSON":')).toBe(true)
  }
  expect(ports.some((port) => ofTaps(port, '"box":'))).toBe(true)
})

test('has never opened the app’s own tap window', async () => {
  const pages = await recordedPages()
  // The windows that there were, were seen.
  for (const name of ['seal', 'reveal'] as const)
    expect(pages.some((page) => page.startsWith(windowUrls[name]))).toBe(true)
  expect(pages.filter((page) => page.startsWith(windowUrls.tap))).toEqual([])
})

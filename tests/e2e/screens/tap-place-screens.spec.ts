/** Where taps take place: the setting, the request while the browser waits, and the way out when the browser fails. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { TapPlace } from '../../../shared/domain/tap-place.ts'
import * as canned from './canned-app.ts'
import type { AppCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

const inBrowser: TapPlace = {
  driver: 'automatic',
  browserPath: null,
  place: 'browser',
  why: 'system',
  browsers: [
    { name: 'Google Chrome', path: '/usr/bin/google-chrome-stable' },
    { name: 'Chromium', path: '/usr/bin/chromium' },
  ],
}

async function open(state: AppState, tapPlace: TapPlace): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), { credentials: [], state, tapPlace } as AppCan)
  await screen.page.getByRole('heading', { level: 1 }).first().waitFor()
  return screen
}

/** The setting with nothing around it, so that pictures show all of it. */
async function openSetting(tapPlace: TapPlace): Promise<Screen> {
  const screen = await open({ ...canned.ready, safes: [], persons: [] }, tapPlace)
  const { page } = screen
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: /^People/ })
    .click()
  await page.getByRole('heading', { name: 'Where taps take place' }).scrollIntoViewIfNeeded()
  return screen
}
const settings = (screen: Screen): Promise<unknown[]> =>
  screen.page.evaluate(() =>
    globalThis.halliganFake.calls.filter(({ method }) => method === 'tap.setPlace').map(({ input }) => input),
  )

test('the setting as it comes', async () => {
  const screen = await openSetting(inBrowser)
  const { page } = screen
  await expect(page.getByText('The next tap takes place in Google Chrome, in a window of its own.')).toBeVisible()
  await host.inspect(screen, 'app-tap-place')
  await page.getByRole('radio', { name: 'In Halligan’s window' }).click({ force: true })
  await expect(page.getByText('only keys with a fingerprint reader work')).toBeVisible()
  await page.getByRole('radio', { name: 'In the browser' }).click({ force: true })
  await page.getByRole('button', { name: /Browser$/ }).click()
  await page.getByRole('option', { name: 'Chromium: /usr/bin/chromium' }).click()
  await expect
    .poll(() => settings(screen))
    .toEqual([
      { driver: 'window', browserPath: null },
      { driver: 'browser', browserPath: null },
      { driver: 'browser', browserPath: '/usr/bin/chromium' },
    ])
})

test('no browser, and settings that could not be read', async () => {
  const missing = await openSetting({ ...inBrowser, place: 'window', why: 'browser-missing', browsers: [] })
  await expect(missing.page.getByText('No browser that can ask for a key’s PIN was found.')).toBeVisible()
  await host.inspect(missing, 'app-tap-place-missing')
  const damaged = await openSetting({ ...inBrowser, why: 'settings-damaged' })
  await expect(damaged.page.getByText('What was chosen before could not be read')).toBeVisible()
})

test('a request while the browser waits', async () => {
  const screen = await open(canned.requests.refused, inBrowser)
  await screen.page.getByText('Go on in the browser window that has opened').waitFor()
  await host.inspect(screen, 'app-request-in-browser')
  const main = screen.page.getByRole('main')
  expect(await main.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(0)
  await screen.page.getByRole('button', { name: 'Tap in Halligan’s window instead' }).click()
  await expect.poll(() => settings(screen)).toEqual([{ driver: 'window', browserPath: null }])
})

test('the browser failed: what to do, and the way out', async () => {
  const lastOutcome = {
    ...canned.failedExport.exported!,
    kind: 'seal',
    code: 'BROWSER_FAILED',
    detail: null,
  } as const
  const screen = await open({ ...canned.ready, lastOutcome }, inBrowser)
  await screen.page.getByRole('button', { name: 'Tap in the window instead' }).waitFor()
  await host.inspect(screen, 'app-browser-failed')
  await screen.page.getByRole('button', { name: 'Tap in the window instead' }).click()
  await expect.poll(() => settings(screen)).toEqual([{ driver: 'window', browserPath: null }])
})

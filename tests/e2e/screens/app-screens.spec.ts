/** Every screen of the app window: looked at in light, dark and at 200 %, and clean for axe in both. */
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
import * as canned from './canned-app.ts'
import { entries } from './canned-entries.ts'
import { idOf } from './canned-people.ts'
import type { AppCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

async function open(state: AppState, rest: Omit<AppCan, 'state'> = {}): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), {
    credentials: canned.credentials,
    entries,
    ...rest,
    state,
  } as AppCan)
  await screen.page.getByRole('heading', { level: 1 }).first().waitFor()
  return screen
}
const press = (screen: Screen, name: string): Promise<void> =>
  screen.page.getByRole('button', { name, exact: true }).click()
const go = (screen: Screen, name: string): Promise<void> =>
  screen.page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click()

/** Asking and a request are one page each, in sight as a whole at 1280 by 800. */
async function expectNoScrolling({ page }: Screen): Promise<void> {
  const main = page.getByRole('main')
  expect(
    await main.evaluate((element) => element.scrollHeight - element.clientHeight),
    'scrolls by',
  ).toBeLessThanOrEqual(0)
}

/** Presses Tab until the button called `name` has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const target = page.getByRole('button', { name, exact: true })
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} cannot be reached with Tab`)
}

test('before there is a vault', async () => {
  const screen = await open(canned.noVault)
  await host.inspect(screen, 'app-first')
  await press(screen, 'Create a vault')
  await host.inspect(screen, 'app-setup-name')
})

test('a vault that does not answer', async () => {
  const screen = await open(canned.ready, { refuse: { state: { code: 'VAULT_LOCKED_BY_OTHER' } } })
  await expect(screen.page.getByText('Another Halligan has this vault open')).toBeVisible()
  await host.inspect(screen, 'app-no-answer')
})

test('the set-up, step by step', async () => {
  const people = await open(canned.setups.people)
  await host.inspect(people, 'app-setup-people')
  await press(people, 'Save people')
  await host.inspect(people, 'app-setup-people-problems')
  await host.inspect(await open(canned.setups.safes), 'app-setup-safes')
  const keys = await open(canned.setups.keys)
  await press(keys, 'Name the keys of Grace Hopper')
  await host.inspect(keys, 'app-setup-keys')
  await host.inspect(await open(canned.setups.acknowledge), 'app-setup-acknowledge')
  await host.inspect(await open(canned.otherOperations.enrol), 'app-setup-enrolling')
  await host.inspect(await open(canned.otherOperations.acknowledge), 'app-setup-acknowledging')
})

test('the list of credentials', async () => {
  await host.inspect(await open(canned.ready), 'app-credentials')
  await host.inspect(await open(canned.ready, { credentials: [] }), 'app-credentials-empty')
  const many = await open(canned.ready, { credentials: canned.manyCredentials })
  await expect(many.page.getByRole('button', { name: /^Break glass: / })).toHaveCount(100)
  await many.page.getByLabel('Search').fill('Server 17')
  await expect(many.page.getByRole('button', { name: /^Break glass: / })).toHaveCount(10)
  await host.inspect(many, 'app-credentials-search')
})

test('asking', async () => {
  const screen = await open(canned.ready)
  await press(screen, 'Break glass: AWS root account')
  await expectNoScrolling(screen)
  await host.inspect(screen, 'app-break-glass')
  await press(screen, 'Open the request')
  await expect(screen.page.getByRole('button', { name: /Who is asking/ })).toBeFocused()
  await host.inspect(screen, 'app-break-glass-problems')
  await screen.page.getByRole('button', { name: /Who is asking/ }).click()
  await host.inspect(screen, 'app-break-glass-choosing')
})

for (const name of Object.keys(canned.requests) as (keyof typeof canned.requests)[]) {
  test(`a request: ${name}`, async () => {
    const screen = await open(canned.requests[name])
    const main = screen.page.getByRole('main')
    // The one page that must never scroll at 1280 by 800.
    expect(
      await main.evaluate((element) => element.scrollHeight - element.clientHeight),
      'scrolls by',
    ).toBeLessThanOrEqual(0)
    await host.inspect(screen, `app-request-${name}`)
  })
}

test('telling security: a code and the text beside it', async () => {
  const screen = await open(canned.requests.halfway)
  await press(screen, 'Tell security now')
  await expect(screen.page.getByRole('img', { name: 'QR code of the alert' })).toBeVisible()
  await host.inspect(screen, 'app-request-telling')
})

test('cancelling a request asks once more', async () => {
  const screen = await open(canned.requests.halfway)
  await press(screen, 'Cancel the request')
  await host.inspect(screen, 'app-request-cancelling')
})

test('other steps under way', async () => {
  await host.inspect(await open(canned.otherOperations.seal), 'app-operation-seal')
  await host.inspect(await open(canned.otherOperations.export), 'app-operation-export')
  const elsewhere = await open(canned.requests.halfway)
  await go(elsewhere, 'Credentials')
  await host.inspect(elsewhere, 'app-operation-elsewhere')
})

test('sealing', async () => {
  const screen = await open(canned.ready)
  await press(screen, 'Seal a credential')
  await host.inspect(screen, 'app-seal')
  await press(screen, 'Enter the secret')
  await host.inspect(screen, 'app-seal-problems')
  const again = await open(canned.ready)
  await press(again, 'Seal a new version: AWS root account')
  await host.inspect(again, 'app-seal-version')
})

test('after use', async () => {
  const screen = await open(canned.afterUse)
  await go(screen, 'After use')
  await host.inspect(screen, 'app-after-use')
  const nothing = await open(canned.ready)
  await go(nothing, 'After use')
  await host.inspect(nothing, 'app-after-use-empty')
})

test('outcomes', async () => {
  await host.inspect(await open(canned.failedExport), 'app-outcome-failed')
  await host.inspect(await open(canned.doneExport), 'app-outcome-done')
  await host.inspect(await open(canned.failedRequest), 'app-outcome-share')
})

test('the timeline', async () => {
  const screen = await open(canned.ready, { report: canned.goodReport })
  await go(screen, 'Timeline')
  await screen.page.getByText('was exported').waitFor()
  await host.inspect(screen, 'app-timeline')
  await screen.page.getByRole('option').nth(2).click()
  await screen.page.getByLabel('The record').waitFor()
  await press(screen, 'Verify now')
  await screen.page.getByText(/^Checked:/).waitFor()
  await host.inspect(screen, 'app-timeline-verified')
  await press(screen, 'Export the log')
  await host.inspect(screen, 'app-timeline-export')
  await screen.page.getByText('A period', { exact: true }).click()
  const sign = screen.page.getByRole('button', { name: 'Choose a folder and sign' })
  await expect(sign).toBeDisabled()
  await screen.page.getByLabel('First day').fill('2026-11-01')
  await expect(sign).toBeEnabled()
  await host.inspect(screen, 'app-timeline-export-period')
  await screen.page.getByLabel('Text').fill('nothing like this')
  await screen.page.getByText('Nothing in the log fits').waitFor()
  await host.inspect(screen, 'app-timeline-filtered')
})

test('a million entries are scrolled through, and few are drawn', async () => {
  const screen = await open(canned.ready, { logSize: 1_000_000 })
  await go(screen, 'Timeline')
  const { page } = screen
  const rows = page.getByRole('option')
  const numberOf = async (at: number): Promise<number> =>
    Number((await rows.nth(at).getAttribute('id'))?.replace('entry-', ''))
  await expect(page.getByText('1,000,000 entries')).toBeVisible()
  await expect(rows.first()).not.toHaveText('…')
  const list = page.getByRole('listbox', { name: 'Entries, newest first' })
  await list.focus()
  await page.keyboard.press('End')
  await expect(page.locator('#entry-0')).toBeVisible()
  await expect(page.locator('#entry-0')).not.toHaveText('…')
  await expect(page.getByLabel('The chosen entry')).toContainText('entry 0')
  await host.inspect(screen, 'app-timeline-million')
  for (let times = 0; times < 3; times++) await page.keyboard.press('PageUp')
  expect(await rows.count()).toBeLessThan(120)
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
  await expect.poll(async () => Math.abs((await numberOf(20)) - 500_000)).toBeLessThan(100)
  await expect(rows.nth(20)).not.toHaveText('…')
  await page.keyboard.press('Home')
  await expect(page.locator('#entry-999999')).toBeVisible()
})

test('a log that does not check', async () => {
  const screen = await open({ ...canned.ready, log: canned.damaged.log }, { report: canned.badReport })
  await go(screen, 'Timeline')
  await press(screen, 'Verify now')
  await screen.page.getByText(/^Checked:/).waitFor()
  await host.inspect(screen, 'app-timeline-broken')
  const running = await open(canned.ready, { verifying: { done: 412_000, total: 1_000_000 } })
  await go(running, 'Timeline')
  await press(running, 'Verify now')
  await running.page.getByText('412,000 of 1,000,000 entries').waitFor()
  await host.inspect(running, 'app-timeline-verifying')
})

test('people and safes', async () => {
  const screen = await open(canned.ready)
  await go(screen, 'People and safes')
  await host.inspect(screen, 'app-people')
})

test('a damaged vault', async () => {
  const screen = await open(canned.damaged)
  await expect(screen.page.getByRole('button', { name: 'Break glass: AWS root account' })).toBeDisabled()
  await host.inspect(screen, 'app-damaged')
})

test('the keyboard list opens with Ctrl+/', async () => {
  const screen = await open(canned.ready)
  await screen.page.keyboard.press('Control+/')
  await expect(screen.page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await host.inspect(screen, 'app-shortcuts')
  await screen.page.keyboard.press('Escape')
  await expect(screen.page.getByRole('dialog')).toHaveCount(0)
})

test('a request can be opened with the keyboard alone', async () => {
  const { page } = await open(canned.ready)
  const { keyboard } = page
  await page.getByRole('link', { name: 'Skip to the content' }).focus()
  await keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
  await tabTo(page, 'Break glass: AWS root account')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Break glass: AWS root account' })).toBeFocused()
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await keyboard.type('Rita')
  await keyboard.press('Enter')
  await keyboard.press('Tab')
  await keyboard.type('INC-7')
  await keyboard.press('Tab')
  await keyboard.type('Nobody can sign in.')
  await keyboard.press('Tab')
  await keyboard.press('ArrowRight')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  // The form answers to the key press when it gets to it.
  await expect
    .poll(() =>
      page.evaluate(() => globalThis.halliganFake.calls.find(({ method }) => method === 'request.open')?.input),
    )
    .toMatchObject({
      requester: idOf(5),
      incident: 'INC-7',
      reason: 'Nobody can sign in.',
      windowSeconds: 300,
    })
})

test('the system’s own colours', async () => {
  await host.inspectForcedColours(await open(canned.requests.refused), 'app-request')
  const screen = await open(canned.ready)
  await press(screen, 'Break glass: AWS root account')
  await host.inspectForcedColours(screen, 'app-break-glass')
})

test('the connection ends', async () => {
  const screen = await open(canned.ready)
  await screen.page.evaluate(() => globalThis.halliganFake.close())
  await screen.page.getByRole('heading', { name: 'The vault does not answer' }).waitFor()
})

/** Where the log goes: looked at in light, dark and at 200 %, and clean for axe. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
import * as canned from './canned-app.ts'
import * as sinks from './canned-sinks.ts'
import type { AppCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

async function open(state: AppState): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), {
    state,
    sinks: sinks.settings,
  } as AppCan)
  await screen.page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Sinks' }).click()
  await screen.page.getByRole('heading', { level: 1, name: 'Where the log goes' }).waitFor()
  return screen
}
const calls = ({ page }: Screen): Promise<{ method: string; input: unknown }[]> =>
  page.evaluate(() => globalThis.halliganFake.calls)

test('no sink yet', async () => {
  const screen = await open(canned.ready)
  await expect(screen.page.getByText('Offline: no sinks configured')).toBeVisible()
  await host.inspect(screen, 'app-sinks-none')
})

test('sinks in every state', async () => {
  const screen = await open(sinks.withSinks)
  await expect(screen.page.getByText('Has everything: 1,284 of 1,284 entries', { exact: false })).toBeVisible()
  await expect(screen.page.getByText('Sync: waiting for Security operations, Auditor’s stick')).toBeVisible()
  await host.inspect(screen, 'app-sinks')
})

test('the timeline says what each sink has', async () => {
  const screen = await open(sinks.withSinks)
  const { page } = screen
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Timeline' }).click()
  await expect(page.getByRole('list', { name: 'What each sink has' })).toContainText(
    'Log server has 400 of 1,284 entries',
  )
  await host.inspect(screen, 'app-timeline-sinks')
})

test('another log there is an alarm on every screen', async () => {
  const screen = await open(sinks.diverged)
  await host.inspect(screen, 'app-sinks-diverged')
  await screen.page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Credentials' }).click()
  await expect(screen.page.getByRole('alert')).toContainText('Audit database holds another log')
  await screen.page.getByRole('button', { name: 'Look at it' }).click()
  await screen.page.getByRole('button', { name: 'It was looked into: try again: Audit database' }).click()
  await expect
    .poll(() => calls(screen))
    .toContainEqual({ method: 'sync.retry', input: { sink: sinks.settings[0]?.id } })
})

test('a token is set and not kept in sight', async () => {
  const screen = await open(sinks.withSinks)
  const { page } = screen
  await page.getByRole('button', { name: 'Set the token: Security operations' }).click()
  await page.getByLabel('Token', { exact: true }).fill('s3cret-token')
  await page.getByRole('button', { name: 'Keep it' }).click()
  await expect(page.getByLabel('Token', { exact: true })).toHaveCount(0)
  expect(await calls(screen)).toContainEqual({
    method: 'sync.secret',
    input: { sink: sinks.settings[2]?.id, secret: { token: 's3cret-token' } },
  })
})

test('a sink is described, corrected and sent to be signed', async () => {
  const screen = await open(sinks.withSinks)
  const { page } = screen
  await page.getByRole('button', { name: 'Change the sinks' }).click()
  await page.getByRole('button', { name: 'Take it out: Log server' }).click()
  await page.getByRole('group', { name: 'Add a sink' }).getByRole('button', { name: 'Syslog over TLS' }).click()
  await page.getByRole('button', { name: 'Have it signed' }).click()
  const added = page.getByRole('group', { name: 'Syslog over TLS: new Syslog over TLS' })
  await expect(added.getByText('Enter the name or address of the server', { exact: false })).toBeVisible()
  await expect(added.getByLabel('Name')).toBeFocused()
  await host.inspect(screen, 'app-sinks-edit')
  await added.getByLabel('Name').fill('Second log server')
  const named = page.getByRole('group', { name: 'Syslog over TLS: Second log server' })
  await named.getByLabel('Server', { exact: true }).fill('logs2.internal')
  await page.getByRole('button', { name: 'Have it signed' }).click()
  await expect
    .poll(async () => (await calls(screen)).filter(({ method }) => method === 'sinks.set').map(({ input }) => input))
    .toMatchObject([
      {
        sinks: [
          sinks.settings[0],
          sinks.settings[2],
          sinks.settings[3],
          { name: 'Second log server', kind: 'syslog', host: 'logs2.internal', port: 6514, facility: 13 },
        ],
      },
    ])
})

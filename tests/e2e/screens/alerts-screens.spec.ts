/** Who is alerted: looked at in light, dark and at 200 %, and clean for axe. */
import { expect, test } from 'playwright/test'
import type { ChannelView, WaitingAlert } from '../../../shared/contracts/alert-views.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { inDays, inSeconds, ready } from './canned-app.ts'
import { idOf, safes } from './canned-people.ts'
import type { AppCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

const settings: AlertSettings = {
  channels: [
    {
      id: idOf(501),
      name: 'Operations chat',
      kind: 'webhook',
      shape: 'slack',
      url: 'https://hooks.slack.com',
      auth: 'url',
    },
    {
      id: idOf(502),
      name: 'Security by mail',
      kind: 'smtp',
      host: 'mail.internal',
      port: 587,
      security: 'starttls',
      from: 'halligan@example.org',
      to: ['security@example.org'],
      user: null,
    },
    { id: idOf(503), name: 'This machine', kind: 'desktop' },
  ],
  routes: [
    { safe: null, severity: 'info', channels: [idOf(501), idOf(503)] },
    { safe: safes[0]?.id ?? null, severity: 'critical', channels: [idOf(502)] },
  ],
}
const view = (at: number, rest: Partial<ChannelView>): ChannelView => {
  const { id, name, kind } = settings.channels[at] ?? { id: idOf(500), name: 'None', kind: 'desktop' }
  const idle = { state: 'idle', waiting: 0, problem: null, nextAt: null, receipt: null } as const
  return { id, name, kind, ...idle, lastProvenAt: inDays(-3), isProven: true, secret: 'not-needed', ...rest }
}
const stuck: AppState = {
  ...ready,
  alerts: {
    waiting: 2,
    channels: [
      view(0, {
        state: 'waiting',
        waiting: 2,
        secret: 'missing',
        lastProvenAt: null,
        isProven: false,
        problem: { code: 'CHANNEL_LOGIN', detail: {} },
        nextAt: inSeconds(40),
      }),
      view(1, { lastProvenAt: inDays(-120), isProven: false }),
      view(2, {}),
    ],
  },
}
const waitingAlerts: WaitingAlert[] = [
  {
    cause: 1280,
    channel: idOf(501),
    event: 'request-opened',
    severity: 'critical',
    title: 'Ada Lovelace asked to see “Root of the cloud” for 5 minutes (INC-4711): The whole region is down.',
    at: inSeconds(-300),
    attempts: 3,
  },
  {
    cause: 1283,
    channel: idOf(501),
    event: 'request-granted',
    severity: 'critical',
    title: '“Root of the cloud” was opened for 5 minutes, approved by Ada Lovelace and Grace Hopper.',
    at: inSeconds(-200),
    attempts: 0,
  },
]

async function open(state: AppState): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), {
    state,
    alertSettings: state.alerts.channels.length === 0 ? { channels: [], routes: [] } : settings,
    waitingAlerts,
  } as AppCan)
  await screen.page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Alerts' }).click()
  await screen.page.getByRole('heading', { level: 1, name: 'Who is alerted' }).waitFor()
  return screen
}
const calls = ({ page }: Screen): Promise<{ method: string; input: unknown }[]> =>
  page.evaluate(() => globalThis.halliganFake.calls)

test('channels in every state, the rules, and what waits; a test alert and a secret', async () => {
  const screen = await open(stuck)
  const { page } = screen
  await expect(page.getByText('Alerts: 2 waiting')).toBeVisible()
  await expect(page.getByText('Waiting to leave (2)')).toBeVisible()
  await expect(page.getByText('The whole region is down.', { exact: false })).toBeVisible()
  await host.inspect(screen, 'app-alerts')
  await page.getByRole('button', { name: 'Fire a test alert: Security by mail' }).click()
  await page.getByRole('button', { name: 'Set the whole address of the chat’s webhook: Operations chat' }).click()
  await page
    .getByLabel('Whole address of the chat’s webhook', { exact: true })
    .fill('https://hooks.slack.com/services/T/B/x')
  await page.getByRole('button', { name: 'Keep it' }).click()
  await expect
    .poll(() => calls(screen))
    .toEqual(
      expect.arrayContaining([
        { method: 'alerts.test', input: { channel: idOf(502) } },
        {
          method: 'alerts.secret',
          input: { channel: idOf(501), secret: { url: 'https://hooks.slack.com/services/T/B/x' } },
        },
      ]),
    )
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Credentials' }).click()
  await expect(page.getByText('2 alerts wait to leave', { exact: false })).toBeVisible()
})

test('a mail that was not taken for everybody is no proof without a word', async () => {
  const refused = view(1, { receipt: 'Refused: security@example.org; 250 2.0.0 Ok: queued as 4XyZ' })
  const { page } = await open({ ...ready, alerts: { waiting: 0, channels: [view(0, {}), refused] } })
  await expect(
    page.getByText(/The mail server took the last alert .* but not for security@example\.org\./),
  ).toBeVisible()
  await expect(page.getByText('Proven: took an alert', { exact: false })).toHaveCount(1)
})

test('a channel and a rule are described, corrected and sent to be signed; a chat’s path stays out of it', async () => {
  const screen = await open(ready)
  const { page } = screen
  await page.getByRole('button', { name: 'Change the alerts' }).click()
  await page.getByRole('group', { name: 'Add a channel' }).getByRole('button', { name: 'Webhook or chat' }).click()
  await page.getByRole('button', { name: 'Rule', exact: true }).click()
  await page.getByRole('button', { name: 'Have it signed' }).click()
  const added = page.getByRole('group', { name: 'Webhook or chat: new Webhook or chat' })
  await expect(added.getByText('Give it a name of one line', { exact: false })).toBeVisible()
  await host.inspect(screen, 'app-alerts-edit')
  await added.getByText('Slack', { exact: true }).click()
  await added.getByLabel('Address').fill('https://hooks.slack.com/services/T/B/secret')
  await added.getByLabel('Name').fill('Chat')
  await page.getByRole('button', { name: 'Have it signed' }).click()
  await expect
    .poll(async () => (await calls(screen)).filter(({ method }) => method === 'alerts.set').map(({ input }) => input))
    .toMatchObject([
      {
        channels: [{ name: 'Chat', kind: 'webhook', shape: 'slack', url: 'https://hooks.slack.com', auth: 'url' }],
        routes: [{ safe: null, severity: 'info' }],
      },
    ])
})

test('settings are taken over as JSON, and what is wrong with them is named', async () => {
  const screen = await open(ready)
  const { page } = screen
  await page.getByRole('button', { name: 'Change the alerts' }).click()
  await page.getByRole('button', { name: 'Settings as JSON' }).click()
  const field = page.getByRole('textbox', { name: 'Settings as JSON' })
  await field.fill('{')
  await page.getByRole('button', { name: 'Take them over' }).click()
  await expect(page.getByRole('alert')).toContainText('This is not JSON')
  await field.fill(JSON.stringify({ ...settings, routes: [{ safe: null, severity: 'loud', channels: [idOf(501)] }] }))
  await page.getByRole('button', { name: 'Take them over' }).click()
  await expect(page.getByRole('alert')).toContainText('routes.0.severity')
  await field.fill(JSON.stringify(settings))
  await page.getByRole('button', { name: 'Take them over' }).click()
  await expect(page.getByRole('group', { name: 'E-mail: Security by mail' })).toBeVisible()
  await page.getByRole('button', { name: 'Have it signed' }).click()
  await expect.poll(() => calls(screen)).toContainEqual({ method: 'alerts.set', input: settings })
})

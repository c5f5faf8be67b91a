/** The reveal window: masked, shown, counted down, copied if allowed, gone at the end. */
import { expect, test } from 'playwright/test'
import type { RevealCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

type Field = RevealCan['begun']['fields'][number]
const field = (id: number, label: string, change: Partial<Field> = {}): Field => ({
  id,
  label,
  type: 'text',
  secret: true,
  length: 20,
  totp: null,
  fileName: null,
  codesLeft: null,
  ...change,
})

const password = 'R2-d0Ol1I|q7#S5Z`B8'
const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n'.repeat(5)}-----END OPENSSH PRIVATE KEY-----`

const can: RevealCan = {
  begun: {
    credential: 'AWS root account',
    kind: 'login',
    version: 4,
    newest: null,
    requester: 'Rita Okafor',
    approvals: ['Ada Byron', 'Grace Hopper', 'Edsger Dijkstra'],
    reason: 'Identity provider is down since 02:40; production keys leaked and must be revoked now.',
    incident: 'INC-2041',
    windowSeconds: 120,
    remainingMs: 117_000,
    endsAt: new Date(Date.now() + 117_000).toISOString(),
    copyAllowed: false,
    captureProtection: 'not-supported-here',
    alertText: null,
    runbook:
      '# AWS root\n\n1. Sign in at [the console](https://console.aws.amazon.com/).\n2. Revoke the **leaked** keys.\n3. Rotate this password.\n\n```\naws iam list-access-keys --user-name root\n```',
    fields: [
      field(0, 'User name', { secret: false }),
      field(1, 'Password'),
      field(2, 'One-time code', { type: 'totp', totp: { algorithm: 'SHA1', digits: 6, period: 30 } }),
      field(3, 'Recovery codes', { type: 'codes', codesLeft: 7 }),
      field(4, 'Private key', { type: 'multiline', length: key.length }),
      field(5, 'Keystore', { type: 'file', fileName: 'keystore.p12', length: 9000 }),
      field(6, 'Notes', { type: 'file', fileName: 'notes.txt', length: 120 }),
    ],
  },
  shown: {
    0: { type: 'value', text: 'root@northwind.example' },
    1: { type: 'value', text: password },
    2: { type: 'running-code', text: '492039', validForMs: 17_000 },
    3: { type: 'burned-code', text: '8f2k-93lq', number: 3, left: 6 },
    4: { type: 'value', text: key },
    5: { type: 'value', bytes: Array.from({ length: 9000 }, (_, index) => (index * 37) % 256) },
    6: { type: 'value', text: 'Grüße from the vault.\nSecond line.' },
  },
}

async function open(change: Partial<RevealCan['begun']> = {}): Promise<Screen> {
  const screen = await host.open('reveal')
  await screen.page.evaluate((given) => globalThis.halliganFake.reveal(given), {
    ...can,
    begun: { ...can.begun, ...change },
  })
  await screen.page.getByRole('heading', { level: 1, name: 'AWS root account' }).waitFor()
  return screen
}
const press = ({ page }: Screen, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test('not open yet', async () => {
  await host.inspect(await host.open('reveal'), 'reveal-waiting')
})

test('masked until asked, "Hide now" in focus', async () => {
  const screen = await open()
  await expect(screen.page.getByRole('button', { name: 'Hide now' })).toBeFocused()
  expect(await screen.page.content()).not.toContain(password)
  await host.inspect(screen, 'reveal-masked')
})

test('shown field by field, read aloud, masked again', async () => {
  const screen = await open()
  await press(screen, 'Show User name')
  await press(screen, 'Show Password')
  await expect(
    screen.page.getByText(
      /capital Romeo, two, dash, delta, zero, capital Oscar, lima, one, capital India, vertical bar/,
    ),
  ).toBeVisible()
  await host.inspect(screen, 'reveal-shown')
  await press(screen, 'Mask Password')
  await expect(screen.page.getByText(/capital Romeo/)).toHaveCount(0)
})

test('a running code, with its own time', async () => {
  const screen = await open()
  await press(screen, 'Show One-time code')
  await screen.page.getByText('492039').first().waitFor()
  await screen.page.getByRole('heading', { name: 'One-time code' }).scrollIntoViewIfNeeded()
  await host.inspect(screen, 'reveal-running-code')
})

test('a recovery code is used only after a second thought', async () => {
  const screen = await open()
  await press(screen, 'Show Recovery codes')
  await host.inspect(screen, 'reveal-burn-asked')
  await press(screen, 'Go back')
  await expect(screen.page.getByText('8f2k-93lq')).toHaveCount(0)
  await press(screen, 'Show Recovery codes')
  await press(screen, 'Use one code now')
  await screen.page.getByText('8f2k-93lq').first().waitFor()
  await expect(screen.page.getByText('6 unused codes left')).toBeVisible()
  await host.inspect(screen, 'reveal-burned')
})

test('files: as text where they are text, else as bytes', async () => {
  const screen = await open()
  await press(screen, 'Show Private key')
  await press(screen, 'Show Keystore')
  await expect(screen.page.getByText('not text, shown as bytes')).toBeVisible()
  await press(screen, 'Show Notes')
  await expect(screen.page.getByText('Grüße from the vault.')).toBeVisible()
  await screen.page.getByRole('heading', { name: 'Keystore' }).scrollIntoViewIfNeeded()
  await host.inspect(screen, 'reveal-files')
})

test('time: rings, digits, and words at the marks only', async () => {
  const screen = await open()
  const { page } = screen
  const tick = (remainingMs: number): Promise<void> =>
    page.evaluate((left) => globalThis.halliganFake.tick({ remainingMs: left }), remainingMs)
  const said = page.locator('.time-words [role=status]')
  await tick(61_000)
  await expect(page.getByRole('timer', { name: 'Time left' })).toHaveText('1:01')
  await expect(said).toHaveText('')
  await tick(59_900)
  await expect(said).toHaveText('Half of the time is left: 1 minute.')
  await tick(29_000)
  await expect(said).toHaveText('30 seconds left.')
  await tick(19_000)
  await expect(said).toHaveText('20 seconds left.')
  await host.inspect(screen, 'reveal-late')
})

test('copying only where the policy allows it, and never past the button', async () => {
  const screen = await open()
  await press(screen, 'Show Password')
  await expect(screen.page.getByRole('button', { name: 'Copy Password' })).toHaveCount(0)
  await host.clipboard('what was there before')
  await screen.page.keyboard.press('Control+a')
  await screen.page.keyboard.press('Control+c')
  expect(await host.clipboard()).toBe('what was there before')
  const allowed = await open({ copyAllowed: true, captureProtection: 'on' })
  await press(allowed, 'Show Password')
  await press(allowed, 'Copy Password')
  await expect(allowed.page.getByText('Copied; cleared in 10 seconds')).toBeVisible()
  expect(await host.clipboard()).toBe(password)
  expect(await allowed.page.evaluate(() => globalThis.halliganFake.calls)).toEqual([
    { method: 'copy', input: { field: 1 } },
  ])
  await host.inspect(allowed, 'reveal-copied')
})

test('"Hide now" wipes the page before anybody answers', async () => {
  const screen = await open()
  await press(screen, 'Show Password')
  await press(screen, 'Hide now')
  await screen.page.getByRole('heading', { name: 'Ended' }).waitFor()
  expect(await screen.page.content()).not.toContain(password)
  expect(await screen.page.content()).not.toContain('leaked')
  await host.inspect(screen, 'reveal-hidden')
})

test('the end comes from outside', async () => {
  const screen = await open()
  await press(screen, 'Show Password')
  await screen.page.evaluate(() => globalThis.halliganFake.ended({ reason: 'time-elapsed' }))
  await expect(screen.page.getByText('because its time was over')).toBeVisible()
  expect(await screen.page.content()).not.toContain(password)
  const dead = await open()
  await press(dead, 'Show Password')
  await dead.page.evaluate(() => globalThis.halliganFake.close())
  await dead.page.getByRole('heading', { name: 'Ended' }).waitFor()
  expect(await dead.page.content()).not.toContain(password)
})

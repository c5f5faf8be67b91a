/** The seal window: every kind's form, what is wrong with it in words, and that nothing is left once it is sent. */
import { expect, test } from 'playwright/test'
import { credentialKindSchema, type CredentialKind } from '../../../shared/domain/credential.ts'
import type { SealBegun, SealCan } from './fake-page.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

const begun = (kind: CredentialKind, version = 1): SealBegun => ({
  name: 'AWS root account',
  kind,
  version,
  safe: 'Production',
  sealedBy: 'Ada Byron',
  custodians: ['Ada Byron', 'Grace Hopper', 'Edsger Dijkstra', 'Maria-Fernanda von Hohenstein-Castellanos'],
  threshold: 3,
  copyAllowed: true,
})

async function open(kind: CredentialKind, refuse?: SealCan['refuse']): Promise<Screen> {
  const screen = await host.open('seal')
  const can: SealCan = { begun: begun(kind), ...(refuse === undefined ? {} : { refuse }) }
  await screen.page.evaluate((given) => globalThis.halliganFake.seal(given), can)
  await screen.page.getByRole('heading', { level: 1, name: 'Seal: AWS root account' }).waitFor()
  return screen
}
const press = ({ page }: Screen, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const submitted = ({ page }: Screen): Promise<unknown> =>
  page.evaluate(() => globalThis.halliganFake.calls.find(({ method }) => method === 'submit')?.input)

const runbook =
  '# AWS root\n\n1. Sign in at [the console](https://console.aws.amazon.com/).\n2. Revoke the **leaked** keys.\n\n> Never from a phone.\n\n```\naws iam list-users\n```\n\n<b>no html</b> ![no picture](https://example.test/x.png)'

for (const kind of credentialKindSchema.options) {
  test(`the form of ${kind}`, async () => {
    await host.inspect(await open(kind), `seal-${kind}`)
  })
}

test('masked until asked, and gone once sealed', async () => {
  const screen = await open('login')
  const { page } = screen
  await page.getByLabel('User name', { exact: true }).fill('root@example.test')
  const password = page.getByLabel('Password', { exact: true })
  await password.fill('q7#Lighthouse')
  await expect(password).toHaveAttribute('type', 'password')
  await press(screen, 'Show what is entered in Password')
  await expect(password).toHaveAttribute('type', 'text')
  await page.getByLabel(/^Runbook/).fill(runbook)
  await host.inspect(screen, 'seal-login-filled')
  await page.getByText('Preview', { exact: true }).click()
  await expect(page.locator('.preview a, .preview img, .preview b')).toHaveCount(0)
  await host.inspect(screen, 'seal-runbook-preview')
  await press(screen, 'Seal it')
  await page.getByRole('heading', { name: 'Sealed and cleared' }).waitFor()
  expect(await submitted(screen)).toEqual({
    runbook,
    fields: [
      { label: 'User name', type: 'text', secret: false, value: 'root@example.test', totp: null, fileName: null },
      { label: 'Password', type: 'text', secret: true, value: 'q7#Lighthouse', totp: null, fileName: null },
    ],
  })
  await expect(page.locator('input, textarea')).toHaveCount(0)
  expect(await page.content()).not.toContain('q7#Lighthouse')
  await host.inspect(screen, 'seal-sent')
})

test('a secret is generated, and nobody has to see it', async () => {
  const screen = await open('login')
  const { page } = screen
  await page.getByLabel('User name', { exact: true }).fill('root')
  await press(screen, 'Generate Password…')
  await press(screen, 'Generate')
  const password = page.getByLabel('Password', { exact: true })
  await expect(password).toHaveValue(/^[A-Za-z0-9]{24}$/)
  await expect(password).toHaveAttribute('type', 'password')
  await expect(page.getByText('136 bits')).toBeVisible()
  await host.inspect(screen, 'seal-generated')
  await press(screen, 'Copy')
  await expect(page.getByText(/cleared after 30 seconds/)).toBeVisible()
  await page.getByRole('button', { name: /^Characters/ }).click()
  await page.getByRole('option', { name: 'Words that can be said aloud' }).click()
  await press(screen, 'Generate another')
  await expect(password).toHaveValue(/^([a-z]+-){7}[a-z]+$/)
  await press(screen, 'Seal it')
  await page.getByRole('heading', { name: 'Sealed and cleared' }).waitFor()
})

test('a key pair is generated: its public part stands in a field of its own', async () => {
  const screen = await open('ssh-key')
  const { page } = screen
  await press(screen, 'Generate Private key…')
  await press(screen, 'Generate')
  await expect(page.getByLabel('Private key', { exact: true })).toHaveValue(/^-----BEGIN OPENSSH PRIVATE KEY-----/)
  await expect(page.getByLabel(/^Public key/)).toHaveValue('ssh-ed25519 AAAA')
  await host.inspect(screen, 'seal-generated-pair')
})

test('what is wrong is said beside the field, and the first one has the focus', async () => {
  const screen = await open('login')
  await press(screen, 'Add: One-time code')
  await screen.page.getByLabel('Password', { exact: true }).fill('x')
  await screen.page.getByLabel('Seed', { exact: true }).fill('not a seed!')
  await press(screen, 'Seal it')
  await expect(screen.page.getByText('This is empty. Enter it, or remove the field.')).toBeVisible()
  await expect(screen.page.getByText('A seed has only the letters A to Z')).toBeVisible()
  await expect(screen.page.getByLabel('User name', { exact: true })).toBeFocused()
  expect(await submitted(screen)).toBeUndefined()
  await host.inspect(screen, 'seal-problems')
})

test('a refusal of the strongroom names its field and keeps what was entered', async () => {
  const screen = await open('login', { code: 'CREDENTIAL_INVALID', detail: { field: 1 } })
  await screen.page.getByLabel('User name', { exact: true }).fill('root')
  const password = screen.page.getByLabel('Password', { exact: true })
  await password.fill('kept')
  await press(screen, 'Seal it')
  await expect(password).toHaveAttribute('aria-invalid', 'true')
  await expect(password).toHaveValue('kept')
  await host.inspect(screen, 'seal-refused')
})

test('an otpauth address is understood here', async () => {
  const screen = await open('totp')
  await screen.page
    .getByLabel('Seed', { exact: true })
    .fill('otpauth://totp/AWS:root?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&digits=8&period=60&algorithm=SHA256')
  await expect(screen.page.getByText('SHA-256, 8 digits, a new code every 60 seconds')).toBeVisible()
  await host.inspect(screen, 'seal-totp-understood')
})

test('a file too large is refused before it is sent', async () => {
  const screen = await open('file')
  const choose = async (size: number): Promise<void> => {
    const chooser = screen.page.waitForEvent('filechooser')
    await press(screen, 'Choose a file')
    await (
      await chooser
    ).setFiles({ name: 'keystore.p12', mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, 7) })
  }
  await choose(1_048_577)
  await press(screen, 'Seal it')
  await expect(screen.page.getByText(/at most 1 MiB fit/)).toBeVisible()
  await host.inspect(screen, 'seal-file-too-large')
  await choose(1_048_576)
  await press(screen, 'Seal it')
  await screen.page.getByRole('heading', { name: 'Sealed and cleared' }).waitFor()
})

test('the end', async () => {
  const screen = await open('login')
  await screen.page.getByLabel('Password', { exact: true }).fill('leftover-secret')
  await screen.page.evaluate(() => globalThis.halliganFake.close())
  await screen.page.getByRole('heading', { name: 'This window has ended' }).waitFor()
  expect(await screen.page.content()).not.toContain('leftover-secret')
  await host.inspect(screen, 'seal-over')
})

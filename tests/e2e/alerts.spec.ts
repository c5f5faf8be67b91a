/** The real app and real receivers: a request is heard of over HTTPS and by mail; what a receiver missed arrives later, once. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { alertSettingsSchema } from '../../shared/domain/alert.ts'
import { createAuthority } from '../support/servers/certificates.ts'
import { startAlertReceiver, type AlertReceiver } from '../support/servers/alert-receiver.ts'
import { startSmtpReceiver, type SmtpReceiver } from '../support/servers/smtp-receiver.ts'
import { newId } from '../support/vault-world.ts'
import {
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
import { fill, goTo, press, waitForOutcome } from './journey/screens.ts'
import { mainKey, type Person } from './journey/set-up.ts'

const reason = 'Identity provider "down" <b>now</b> <!channel>'

let dir: string
let hook: AlertReceiver
let post: SmtpReceiver
let halligan: Halligan
let custodians: readonly Person[]
const credential = 'Cloud root'

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-alerts-'))
  const authority = createAuthority(dir)
  const certificate = authority.sign('server', { name: 'localhost' })
  hook = await startAlertReceiver(certificate)
  post = await startSmtpReceiver(certificate, { security: 'starttls' })
  halligan = await startHalligan()
  ;({ custodians } = await setUpSmallVault(halligan))
  const [by] = custodians
  if (by === undefined) throw new Error('nobody')
  await sealCredential(halligan, {
    name: credential,
    kind: 'Login',
    by,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'q7')
    },
  })
  await signAlerts(authority.ca)
})
test.afterAll(async () => {
  await halligan.launched.close()
  await hook.stop()
  await post.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Takes the settings over as JSON and has them signed. */
async function signAlerts(ca: string): Promise<void> {
  const [hookId, postId] = [newId(), newId()]
  const settings = alertSettingsSchema.parse({
    channels: [
      { id: hookId, name: 'Hook', kind: 'webhook', shape: 'generic', url: `${hook.origin}/alerts`, auth: 'none', ca },
      {
        id: postId,
        name: 'Mail',
        kind: 'smtp',
        host: 'localhost',
        port: post.port,
        security: 'starttls',
        from: 'halligan@example.test',
        to: ['security@example.test'],
        user: null,
        ca,
      },
    ],
    routes: [{ safe: null, severity: 'info', channels: [hookId, postId] }],
  })
  const { app, table } = halligan
  await goTo(app, 'Alerts')
  await press(app, 'Change the alerts')
  await press(app, 'Settings as JSON')
  await app.getByRole('textbox', { name: 'Settings as JSON' }).fill(JSON.stringify(settings))
  await press(app, 'Take them over')
  await press(app, 'Have it signed')
  for (const person of custodians.slice(0, 2)) await table.touch(mainKey(person))
  await waitForOutcome(app, /./)
  await goTo(app, 'Alerts')
  await expect(app.getByText('Unproven: it has not taken an alert yet.', { exact: false })).toHaveCount(2)
}

const eventsOf = (): string[] => hook.received.map(({ body }) => (body as { event: string }).event)

async function use(): Promise<void> {
  const [one, two] = custodians
  if (one === undefined || two === undefined) throw new Error('too few')
  await openRequest(halligan, { credential, by: one, reason, seconds: '15 seconds' })
  await tapAll(halligan, [one, two])
  await press(await revealWindow(halligan), 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
}

test('a request is heard of at once, over both', async () => {
  await use()
  const whole = ['request-opened', 'request-granted', 'window-ended']
  await expect.poll(eventsOf, { timeout: 20_000 }).toEqual(whole)
  await expect.poll(() => post.mails.length, { timeout: 20_000 }).toBe(whole.length)
  expect(hook.received[0]?.text).toContain(JSON.stringify(reason).slice(1, -1))
  expect(post.mails.every(({ secure }) => secure)).toBe(true)
  await goTo(halligan.app, 'Alerts')
  await expect(halligan.app.getByText('Proven: took an alert', { exact: false })).toHaveCount(2)
})

test('what a receiver could not take arrives later, once and in order; the opening did not wait for it', async () => {
  const before = hook.received.length
  hook.answer({ status: 503, headers: { 'retry-after': '2' } })
  await use()
  await expect(halligan.app.getByText(/Alerts: \d+ waiting/)).toBeVisible({ timeout: 20_000 })
  const tried = hook.received.length
  hook.answer({ status: 200 })
  await expect
    .poll(async () => entriesOf(await readEntries(halligan.vaultDir), 'alert.delivered').length, { timeout: 30_000 })
    .toBe(12)
  const keys = hook.received.slice(before).map(({ body }) => (body as { key: string }).key)
  expect(new Set(keys).size).toBe(3)
  expect(tried).toBeGreaterThan(before)
  expect(eventsOf().slice(-3)).toEqual(['request-opened', 'request-granted', 'window-ended'])
})

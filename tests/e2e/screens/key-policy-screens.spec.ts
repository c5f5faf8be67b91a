/** Choosing which models of key a safe allows: looked at in light, dark and at 200 %, and saved as the vault wants it. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
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

const aaguidOf = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`
const models = {
  number: 412,
  nextUpdate: '2026-12-01',
  models: Array.from({ length: 60 }, (_, at) => ({
    aaguid: aaguidOf(at),
    name: at === 41 ? 'YubiKey 5 Series with NFC' : `Example key, model ${at + 1}`,
    roots: ['AAAA'],
  })),
}

async function open(can: Omit<AppCan, 'state'>, state: AppState = canned.setups.safes): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((given) => globalThis.halliganFake.app(given), { ...can, state } as AppCan)
  await screen.page.getByRole('heading', { level: 1, name: 'Safes and policy' }).waitFor()
  return screen
}
const saved = (screen: Screen) =>
  screen.page.evaluate(() => globalThis.halliganFake.calls.filter(({ method }) => method === 'setup.plan'))

test('only the models that people choose from the file, found by name', async () => {
  const screen = await open({ models })
  const { page } = screen
  const which = page.getByRole('radiogroup', { name: 'Which security keys may the custodians use? (safe 1)' })
  await which.getByRole('radio', { name: 'Only these models' }).click({ force: true })
  await page.getByRole('button', { name: 'Save safes' }).click()
  await expect(page.getByText('Choose at least one model of key for this safe, or allow any.')).toBeVisible()
  expect(await saved(screen)).toEqual([])
  await page.getByRole('button', { name: 'Read FIDO’s metadata file…' }).click()
  await expect(page.getByText('metadata file no. 412, signature checked')).toBeVisible()
  await page.getByLabel('Find a model (safe 1)').fill('yubi nfc')
  await page.getByRole('checkbox', { name: /YubiKey 5 Series with NFC/ }).click({ force: true })
  await page.getByLabel('Find a model (safe 1)').fill('example')
  await expect(page.getByRole('checkbox', { name: /YubiKey 5 Series with NFC/ })).toBeChecked()
  await expect(page.getByText('59 other models fit; 8 of them are shown.')).toBeVisible()
  await host.inspect(screen, 'app-setup-safes-models')
  await page.getByRole('button', { name: 'Save safes' }).click()
  await expect.poll(() => saved(screen)).toHaveLength(1)
  const [{ input } = { input: null }] = await saved(screen)
  expect(input).toMatchObject({
    models: [{ aaguid: aaguidOf(41), name: 'YubiKey 5 Series with NFC' }],
    safes: [{ policy: { models: [aaguidOf(41)] } }],
  })
})

test('any key again, and nothing is pinned', async () => {
  const screen = await open({ models })
  const { page } = screen
  const which = page.getByRole('radiogroup', { name: 'Which security keys may the custodians use? (safe 1)' })
  await which.getByRole('radio', { name: 'Only these models' }).click({ force: true })
  await page.getByRole('button', { name: 'Read FIDO’s metadata file…' }).click()
  await page.getByRole('checkbox', { name: /Example key, model 1 / }).click({ force: true })
  await which.getByRole('radio', { name: 'Any key that works' }).click({ force: true })
  await page.getByRole('button', { name: 'Save safes' }).click()
  await expect.poll(() => saved(screen)).toHaveLength(1)
  const [{ input } = { input: null }] = await saved(screen)
  expect(input).not.toHaveProperty('models')
  expect(input).not.toHaveProperty('safes.0.policy.models')
})

test('a file that is none', async () => {
  const screen = await open({ refuse: { 'models.read': { code: 'METADATA_INVALID' } } })
  const { page } = screen
  const which = page.getByRole('radiogroup', { name: 'Which security keys may the custodians use? (safe 1)' })
  await which.getByRole('radio', { name: 'Only these models' }).click({ force: true })
  await page.getByRole('button', { name: 'Read FIDO’s metadata file…' }).click()
  await expect(page.getByText('This is no FIDO metadata file that could be read.')).toBeVisible()
})

/** Entering and choosing a passphrase on the tap page: looked at, and what was typed leaves it encrypted and nothing else. */
import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'playwright/test'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { PassphraseAnswer, TapView } from '../../../shared/contracts/tap.ts'
import { hash } from './canned-people.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

const request: TapView = {
  kind: 'request',
  title: 'AWS root account, version 4',
  lines: [
    { label: 'Why', value: 'Identity provider is down since 02:40; production keys leaked and must be revoked now.' },
    { label: 'By whom', value: 'Rita Okafor' },
    { label: 'For how long', value: '2 minutes' },
  ],
  people: [
    { name: 'Ada Byron', state: 'tapped' },
    { name: 'Grace Hopper', state: 'waiting' },
  ],
  have: 1,
  need: 2,
  instruction: 'One more custodian. Insert your key and touch it now.',
}
const enrol: TapView = {
  kind: 'enrol',
  title: 'A security key for Grace Hopper',
  lines: [
    { label: 'Vault', value: 'Northwind operations' },
    { label: 'Key', value: 'Main key (1 of 2)' },
  ],
  people: [],
  have: 0,
  need: 2,
  instruction: 'First choose a passphrase: it is entered before every tap of this key.',
}

const { secretKey } = p256.keygen()
const strongroomKey = toBase64Url(p256.getPublicKey(secretKey, false))
/** The strongroom's half, on another library. */
function openPassphrase({ pageKey, iv, box }: Extract<PassphraseAnswer, { ok: true }>['passphrase']): string {
  const shared = p256.getSharedSecret(secretKey, fromBase64Url(pageKey), false).slice(1, 33)
  const challenge = fromBase64Url(hash)
  const key = hkdf(sha256, shared, challenge, utf8('halligan/tap-channel/passphrase/v1\n'), 32)
  const padded = gcm(key, fromBase64Url(iv), challenge).decrypt(fromBase64Url(box))
  expect(padded).toHaveLength(256)
  return Buffer.from(padded.slice(0, padded.lastIndexOf(0x80))).toString('utf8')
}

async function open(view: TapView): Promise<Screen> {
  const screen = await host.open('tap')
  await screen.page.evaluate(async (shown) => {
    globalThis.halliganFake.tap()
    await globalThis.halliganFake.showTap(shown)
  }, view)
  await screen.page.getByRole('heading', { level: 1, name: view.title }).waitFor()
  return screen
}
const answers = (screen: Screen): Promise<unknown[]> => screen.page.evaluate(() => globalThis.halliganFake.answers)
const fields = (screen: Screen): Promise<string[]> =>
  screen.page.evaluate(() => [...document.querySelectorAll('input')].map(({ value }) => value))

test('a passphrase comes before the key is asked, and is gone from the page at once', async () => {
  const screen = await open(request)
  const { page } = screen
  await page.evaluate((input) => globalThis.halliganFake.get(input), {
    challenge: hash,
    allow: [{ id: hash, transports: ['usb' as const], salts: { first: hash, second: hash } }],
    strongroomKey,
    timeoutMs: 60_000,
    passphrase: 'ask' as const,
  })
  const field = page.getByLabel('Passphrase of the key that you will touch')
  await expect(field).toBeFocused()
  await expect(page.getByRole('button', { name: 'Ask the key again' })).toHaveCount(0)
  await host.inspect(screen, 'tap-passphrase')
  await page.getByRole('button', { name: 'Go on to the key' }).click()
  await expect(page.getByText('Enter the passphrase first.')).toBeVisible()
  await field.fill('lantern kedgeree moss 7')
  await expect(field).toHaveAttribute('type', 'password')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Ask the key again' })).toBeEnabled()
  await expect(field).toHaveCount(0)
  expect(await page.content()).not.toContain('kedgeree')
  expect(await fields(screen)).toEqual([])
})

test('where only some have one it may be left empty', async () => {
  const screen = await open(request)
  const { page } = screen
  await page.evaluate((input) => globalThis.halliganFake.get(input), {
    challenge: hash,
    allow: [{ id: hash, transports: ['usb' as const], salts: null }],
    strongroomKey,
    timeoutMs: 60_000,
    passphrase: 'offer' as const,
  })
  await expect(page.getByText('Leave it empty if your key has none.')).toBeVisible()
  await page.getByRole('button', { name: 'Go on to the key' }).click()
  await expect(page.getByRole('button', { name: 'Ask the key again' })).toBeEnabled()
})

test('a new one is chosen twice the same, and not a weak one', async () => {
  const screen = await open(enrol)
  const { page } = screen
  await page.evaluate((input) => globalThis.halliganFake.choosePassphrase(input), { challenge: hash, strongroomKey })
  const [first, second] = [page.getByLabel('New passphrase'), page.getByLabel('The same again')]
  const use = page.getByRole('button', { name: 'Use this passphrase' })
  await first.fill('password1234')
  await expect(page.getByText('Strength: Guessed easily')).toBeVisible()
  await second.fill('password1234')
  await use.click()
  await expect(page.getByText('It is guessed too easily.')).toBeVisible()
  await first.fill('xK9$')
  await use.click()
  await expect(page.getByText('Use at least 12 characters.')).toBeVisible()
  const good = 'lantern kedgeree moß ﬁve' // the ligature becomes two letters
  await first.fill(good)
  await expect(page.getByText('Strength: Very good')).toBeVisible()
  await second.fill('lantern kedgeree moß four')
  await host.inspect(screen, 'tap-passphrase-choose')
  await use.click()
  await expect(page.getByText('The two were not the same. Enter both again.')).toBeVisible()
  expect((await fields(screen)).filter((value) => value.includes('kedgeree'))).toEqual([])
  await first.fill(good)
  await second.fill(good)
  await use.click()
  await expect.poll(() => answers(screen)).toHaveLength(1)
  const [answer] = (await answers(screen)) as Extract<PassphraseAnswer, { ok: true }>[]
  if (answer === undefined) throw new Error('no answer')
  expect(openPassphrase(answer.passphrase)).toBe('lantern kedgeree moß five')
  await expect(first).toHaveCount(0)
  expect(await page.content()).not.toContain('kedgeree')
})

test('cancelling while it is asked for ends the tap', async () => {
  const screen = await open(enrol)
  await screen.page.evaluate((input) => globalThis.halliganFake.choosePassphrase(input), {
    challenge: hash,
    strongroomKey,
  })
  await screen.page.getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => answers(screen)).toEqual([{ ok: false, name: 'AbortError' }])
  expect(await screen.page.evaluate(() => globalThis.halliganFake.calls.map(({ method }) => method))).toEqual([
    'cancelled',
  ])
})

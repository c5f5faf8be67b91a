/** How a credential is rotated: entered, warned about, kept when something goes wrong, read in a ceremony and before a touch. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { tapContract } from '../../../shared/contracts/tap.ts'
import * as canned from './canned-app.ts'
import * as ceremonies from './canned-ceremonies.ts'
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

const note = [
  'AWS console, top right, “Security credentials”:',
  '  1. make a second access key',
  '  2. sign in with it from the bastion',
  '  3. make the first one inactive, then delete it',
  'It worked when the old key is refused. Questions: platform team, ext. 4417.',
].join('\n')
const longest =
  `${note}\n${'And so on, step by step, in words that whoever has never done it understands. '.repeat(20)}`
    .slice(0, 1200)
    .trimEnd()
const credentials = canned.credentials.map((one) => (one.version === 4 ? { ...one, rotationNote: note } : one))

async function open(state: AppState, rest: Omit<AppCan, 'state'> = {}): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), { credentials, ...rest, state } as AppCan)
  await screen.page.getByRole('heading', { level: 1 }).first().waitFor()
  return screen
}
const press = ({ page }: Screen, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
const setState = ({ page }: Screen, state: AppState): Promise<void> =>
  page.evaluate((next) => globalThis.halliganFake.setState(next), state)
const field = ({ page }: Screen) => page.getByLabel(/^How it is rotated/)
const lastCall = ({ page }: Screen, method: string): Promise<unknown> =>
  page.evaluate((wanted) => globalThis.halliganFake.calls.findLast((call) => call.method === wanted)?.input, method)
const chooseSealer = async ({ page }: Screen): Promise<void> => {
  await page.getByRole('button', { name: /Who seals it/ }).click()
  await page.getByRole('option', { name: 'Ada Byron' }).click()
}

test('a new version starts from the note of the one before, and says what is wrong with another', async () => {
  const screen = await open(canned.ready)
  await press(screen, 'Seal a new version: AWS root account')
  await expect(field(screen)).toHaveValue(note)
  await expect(screen.page.getByText(/^Not secret: it is read aloud/)).toBeVisible()
  await expect(screen.page.getByText(`${String(note.length)} of 1200`)).toBeVisible()
  await field(screen).scrollIntoViewIfNeeded()
  await host.inspect(screen, 'app-seal-note')
  const warning = screen.page.getByText(/^This looks as if a key or a token/)
  await expect(warning).toHaveCount(0)
  for (const secret of ['-----BEGIN OPENSSH PRIVATE KEY-----', 'Token: ghp4f7GkQ2mZx81LwTnB0sVh3rD9'])
    await field(screen)
      .fill(`${note}\n${secret}`)
      .then(() => expect(warning).toBeVisible())
  await host.inspect(screen, 'app-seal-note-secret')
  // Warned of, and not refused: it may be the name of something.
  await chooseSealer(screen)
  // What is too long is not cut off unseen.
  await field(screen).fill(`${longest.padEnd(1200, 'x')}yz`)
  await expect(screen.page.getByText(/^Too long by 2 characters/)).toBeVisible()
  await expect(field(screen)).toHaveValue(`${longest.padEnd(1200, 'x')}yz`)
  await press(screen, 'Enter the secret')
  await expect(field(screen)).toBeFocused()
  await host.inspect(screen, 'app-seal-note-long')
  await field(screen).fill('over\u202eride')
  await expect(screen.page.getByText(/^It holds characters that cannot be seen/)).toBeVisible()
  await press(screen, 'Enter the secret')
  expect(await lastCall(screen, 'credential.seal')).toBeUndefined()
  await field(screen).fill(`\n${note}\n\n`)
  await press(screen, 'Enter the secret')
  await expect
    .poll(() => lastCall(screen, 'credential.seal'))
    .toMatchObject({ credential: idOf(201), rotationNote: note })
})

test('what was entered is there again after a refusal, and after a seal that was given up', async () => {
  const refuse = { 'credential.seal': { code: 'STORAGE_BUSY' as const } }
  const refused = await open(canned.ready, { refuse })
  await press(refused, 'Seal a new version: AWS root account')
  await chooseSealer(refused)
  await field(refused).fill('Something new.')
  await press(refused, 'Enter the secret')
  await refused.page.getByText('The vault’s file is in use just now').waitFor()
  await expect(field(refused)).toHaveValue('Something new.')

  const screen = await open(canned.ready)
  await press(screen, 'Seal a credential')
  await screen.page.getByLabel('Name', { exact: true }).fill('Core router')
  await screen.page.getByRole('button', { name: /Safe$/ }).click()
  await screen.page.getByRole('option', { name: /^Production/ }).click()
  await chooseSealer(screen)
  await field(screen).fill('On the console port.')
  await press(screen, 'Enter the secret')
  await setState(screen, { ...canned.ready, operation: canned.sealing })
  await screen.page.getByRole('heading', { name: 'Sealing a credential' }).waitFor()
  await setState(screen, canned.ready)
  const outcome = {
    operation: canned.sealing.id,
    kind: 'seal' as const,
    code: null,
    detail: null,
    at: canned.inDays(0),
  }
  await setState(screen, { ...canned.ready, lastOutcome: { ...outcome, result: 'cancelled', code: 'CANCELLED' } })
  await press(screen, 'Seal a credential')
  await expect(screen.page.getByLabel('Name', { exact: true })).toHaveValue('Core router')
  await expect(field(screen)).toHaveValue('On the console port.')
  // Sealed at last: the next one starts empty.
  await press(screen, 'Enter the secret')
  await setState(screen, { ...canned.ready, operation: canned.sealing })
  await setState(screen, { ...canned.ready, lastOutcome: { ...outcome, result: 'done' } })
  await press(screen, 'Seal a credential')
  await expect(field(screen)).toHaveValue('')
  await expect(screen.page.getByLabel('Name', { exact: true })).toHaveValue('')
})

test('it stands among what there is to know of a credential', async () => {
  const screen = await open(canned.ready)
  await press(screen, 'More: AWS root account')
  await expect(screen.page.locator('.rotation-note')).toHaveText(note, { useInnerText: true })
  await press(screen, 'More: Domain registrar')
  await expect(screen.page.getByText('Nothing is written down. It can be with the next version.')).toBeVisible()
  await host.inspect(screen, 'app-credential-note')
})

const said = `Version 4 of “AWS root account” is replaced because its interval is over.\nSign in to the system with an account of your own and go to the place where this secret is changed. Do not change it yet.\nHow it is rotated, as Ada Byron signed it with version 4 on 2026-08-01:\n${longest}`

test('in a ceremony it is read line by line, and written anew with the new version', async () => {
  const withNote = <T extends { readonly title: string; readonly instruction: string }>(steps: readonly T[]): T[] =>
    steps.map((step) => (step.title.startsWith('Prepare') ? { ...step, instruction: said } : step))
  const at = (now: number): AppState => {
    const ceremony = ceremonies.ceremonyAt(now)
    return ceremonies.inCeremony({ ...ceremony, steps: withNote(ceremony.steps) })
  }
  const preparing = await open(at(4))
  await press(preparing, 'Go on with it')
  const instruction = preparing.page.locator('.step-instruction')
  await expect(instruction).toHaveText(said, { useInnerText: true })
  await host.inspect(preparing, 'app-ceremony-prepare')

  const sealing = await open(at(5))
  await press(sealing, 'Go on with it')
  await press(sealing, 'Change how it is rotated')
  await expect(field(sealing)).toHaveValue(note)
  await host.inspect(sealing, 'app-ceremony-note')
  await field(sealing).fill('over\u202eride')
  await expect(sealing.page.getByRole('button', { name: 'Seal the new version' })).toBeDisabled()
  await field(sealing).fill('In the new console.')
  await press(sealing, 'Seal the new version')
  await expect
    .poll(() => lastCall(sealing, 'ceremony.run'))
    .toEqual({ ceremony: idOf(600), step: 5, person: idOf(1), labels: [], rotationNote: 'In the new console.' })
})

test('whoever signs for it reads it as it was typed', async () => {
  const view: Input<typeof tapContract, 'show'> = {
    kind: 'seal',
    title: 'Seal AWS root account',
    lines: [
      { label: 'Credential', value: 'AWS root account, version 5' },
      { label: 'Safe', value: 'Production' },
      { label: 'Signed by', value: 'Ada Byron' },
      { label: 'Log so far', value: '412 entries: mango night ocean piano' },
      { label: 'Who holds what', value: 'version 3 of 2026-11-20T09:00:00.000Z' },
      { label: 'Kind', value: 'Login' },
      { label: 'May ask for it', value: 'Rita Okafor, Grace Hopper' },
      { label: 'Rotated', value: 'every 90 days' },
      { label: 'How it is rotated', value: longest },
    ],
    people: [{ name: 'Ada Byron', state: 'waiting' }],
    have: 0,
    need: 1,
    instruction: 'Ada Byron: insert your security key and touch it now.',
  }
  const screen = await host.open('tap')
  await screen.page.evaluate(() => globalThis.halliganFake.tap())
  await screen.page.evaluate((shown) => globalThis.halliganFake.showTap(shown), view)
  const value = screen.page.getByRole('definition').last()
  await expect(value).toHaveText(longest, { useInnerText: true })
  await expect(value).toHaveCSS('white-space', 'pre-wrap')
  await host.inspect(screen, 'tap-seal-note')
})

/** The care of security keys on the People screen: looked at in light, dark and at 200 %, clean for axe, and what is asked of the vault. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
import * as canned from './canned-app.ts'
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

type Keys = AppState['persons'][number]['keys']

/** The canned people, with one person's keys as `change` leaves them. */
const withKeys = (number: number, change: (keys: Keys) => Keys): AppState => ({
  ...canned.ready,
  persons: canned.ready.persons.map((person) =>
    person.id === idOf(number) ? { ...person, keys: change(person.keys) } : person,
  ),
})

/** One person and nothing above them, so that pictures at 200 % show the keys. */
const alone = (state: AppState, number: number): AppState => ({
  ...state,
  safes: [],
  persons: state.persons.filter(({ id }) => id === idOf(number)),
})

async function openPeople(state: AppState, rest: Omit<AppCan, 'state'> = {}): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), { credentials: [], ...rest, state } as AppCan)
  await screen.page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: /^People and safes/ })
    .click()
  await screen.page.getByRole('heading', { name: 'People and their keys' }).waitFor()
  return screen
}
const press = (screen: Screen, name: string): Promise<void> =>
  screen.page.getByRole('button', { name, exact: true }).click()
const asked = (screen: Screen): Promise<unknown[]> =>
  screen.page.evaluate(() => globalThis.halliganFake.calls.filter(({ method }) => method.startsWith('keys.')))

const keyOf = (number: number, at = 0): string =>
  canned.ready.persons.find(({ id }) => id === idOf(number))?.keys[at]?.credentialId ?? ''

test('people and their keys: who has only one, what each key is, when it last proved itself', async () => {
  const state = withKeys(1, ([first, second]) => [
    { ...first!, model: 'YubiKey 5C NFC with Lightning (5.7)', transports: ['usb', 'nfc'], counterWentBack: true },
    { ...second!, aaguid: '2fc0579f-8113-47ea-b116-bb5a8db9202a', transports: [] },
  ])
  const screen = await openPeople({
    ...state,
    persons: state.persons.map((one) => (one.id === idOf(6) ? { ...one, keys: [] } : one)),
  })
  const { page } = screen
  await expect(page.getByText('One person has only one key.')).toBeVisible()
  await expect(page.getByText('Only one key', { exact: true })).toHaveCount(1)
  await expect(page.getByText('YubiKey 5C NFC with Lightning (5.7) (proven)')).toBeVisible()
  await expect(page.getByText('Model 2fc0579f-8113-47ea-b116-bb5a8db9202a (not proven)')).toBeVisible()
  await expect(page.getByText('The counter of this key went back')).toHaveCount(1)
  await expect(page.getByRole('button', { name: 'Add a backup key for Tomas Lindqvist' })).toHaveCount(0)
  await page.getByRole('heading', { name: 'People and their keys' }).scrollIntoViewIfNeeded()
  await host.inspect(screen, 'keys-people')
  await host.inspect(await openPeople(alone(state, 1)), 'keys-person')
})

test('a backup key is asked for by name', async () => {
  const screen = await openPeople(alone(canned.ready, 3))
  const { page } = screen
  await press(screen, 'Add a backup key for Edsger Dijkstra')
  const name = page.getByLabel('Name of the new key')
  await expect(name).toBeFocused()
  await expect(name).toHaveValue('Spare key')
  await name.fill(' main KEY ')
  await press(screen, 'Enrol the new key')
  await expect(page.getByText('Another key of this person has that name.')).toBeVisible()
  await host.inspect(screen, 'keys-add')
  await name.fill('In the bank')
  await press(screen, 'Enrol the new key')
  await expect
    .poll(() => asked(screen))
    .toEqual([{ method: 'keys.add', input: { person: idOf(3), label: 'In the bank' } }])
  await press(screen, 'Add a backup key for Edsger Dijkstra')
  await page.keyboard.press('Escape')
  await expect(name).toHaveCount(0)
})

test('testing, renaming and retiring, each of that very key', async () => {
  const screen = await openPeople(canned.ready)
  const { page } = screen
  await press(screen, 'Test “Spare key” of Grace Hopper')
  await press(screen, 'Rename “Main key” of Grace Hopper')
  await page.getByLabel('New name').fill('On the key ring')
  await host.inspect(screen, 'keys-rename')
  await press(screen, 'Sign the new name')
  await press(screen, 'Retire “Main key” of Grace Hopper')
  const dialog = page.getByRole('alertdialog')
  await expect(dialog.getByRole('button', { name: 'Go back' })).toBeFocused()
  await host.inspect(screen, 'keys-retire')
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await press(screen, 'Retire “Main key” of Grace Hopper')
  await press(screen, 'Collect the signatures')
  const [main, spare] = [keyOf(2), keyOf(2, 1)]
  await expect
    .poll(() => asked(screen))
    .toEqual([
      { method: 'keys.test', input: { person: idOf(2), key: spare } },
      { method: 'keys.rename', input: { person: idOf(2), key: main, label: 'On the key ring' } },
      { method: 'keys.retire', input: { person: idOf(2), key: main } },
    ])
})

test('a passphrase is changed where one of the safes asks for it', async () => {
  const [safe, ...others] = canned.ready.safes
  const asking = { ...safe!, policy: { ...safe!.policy, passphrase: true as const } }
  const screen = await openPeople({ ...canned.ready, safes: [asking, ...others] })
  // Rita is no custodian of it.
  await expect(screen.page.getByRole('button', { name: /^Change the passphrase of .*Rita/ })).toHaveCount(0)
  await press(screen, 'Change the passphrase of “Main key” of Ada Byron')
  await expect
    .poll(() => asked(screen))
    .toEqual([{ method: 'keys.passphrase', input: { person: idOf(1), key: keyOf(1) } }])
})

test('what the vault refuses is said where it was asked', async () => {
  const screen = await openPeople(canned.ready, {
    refuse: { 'keys.retire': { code: 'KEY_LAST' }, 'keys.add': { code: 'KEY_LIMIT' } },
  })
  const { page } = screen
  await press(screen, 'Retire “Main key” of Edsger Dijkstra')
  await press(screen, 'Collect the signatures')
  await expect(page.getByText('It is the only key of a custodian')).toBeVisible()
  await press(screen, 'Add a backup key for Edsger Dijkstra')
  await press(screen, 'Enrol the new key')
  await expect(page.getByText('This person has as many keys as one may have')).toBeVisible()
  await host.inspect(screen, 'keys-refused')
})

test('while something runs, and after it', async () => {
  const operation = { ...canned.otherOperations.export.operation, stage: 'tap' as const }
  const running = async (change: Partial<NonNullable<AppState['operation']>>): Promise<Screen> => {
    const screen = await host.open('app')
    const state = { ...canned.ready, operation: { ...operation, ...change } }
    await screen.page.evaluate((can) => globalThis.halliganFake.app(can), { credentials: [], state } as AppCan)
    await screen.page.getByRole('heading', { level: 1 }).first().waitFor()
    return screen
  }
  await host.inspect(await running({ kind: 'add-key', person: idOf(3), have: 1, need: 2 }), 'keys-adding')
  const signed = [{ person: idOf(1), at: canned.inSeconds(-20), counts: true }]
  await host.inspect(await running({ kind: 'amend', person: null, have: 1, need: 3, taps: signed }), 'keys-amending')
  await host.inspect(
    await running({
      kind: 'key-drill',
      person: idOf(2),
      refusals: [{ code: 'TAP_WRAP_DAMAGED', person: idOf(2), at: canned.inSeconds(-2) }],
    }),
    'keys-testing',
  )
  const failed = await openPeople({
    ...canned.ready,
    lastOutcome: {
      operation: idOf(300),
      kind: 'key-drill',
      result: 'cancelled',
      code: 'CANCELLED',
      detail: 'TAP_NO_PRF',
      at: canned.inSeconds(-5),
    },
  })
  await expect(failed.page.getByText('The key did not pass the test.')).toBeVisible()
  await host.inspect(failed, 'keys-test-failed')
})

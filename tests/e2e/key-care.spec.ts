/** The life of a security key in the real app: a backup is added, opens, is tested; the lost one is renamed, struck off, and refused. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'playwright/test'
import {
  keepPictures,
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries, readRows, refusedCodes } from './journey/log.ts'
import { fill, goTo, press, waitForOutcome } from './journey/screens.ts'
import type { VirtualKey } from './journey/security-keys.ts'
import { mainKey, type Person } from './journey/set-up.ts'

let halligan: Halligan
let ada: Person
let grace: Person
let edsger: Person
let rita: Person
let backup: VirtualKey

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(180_000)
  halligan = await startHalligan()
  const { custodians, requester } = await setUpSmallVault(halligan)
  ;[ada, grace, edsger] = custodians as [Person, Person, Person]
  rita = requester
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: ada,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'correct-horse-7731')
    },
  })
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

const wrapKeys = async (): Promise<readonly string[]> =>
  (await readRows<{ key: string }>(halligan.vaultDir, 'SELECT key FROM wraps ORDER BY key')).map(({ key }) => key)

/** Opens the credential with these keys, the first of them the requester's, and closes it. */
async function unseal(keys: readonly VirtualKey[]): Promise<void> {
  await openRequest(halligan, { credential: 'Cloud root', by: rita, seconds: '15 seconds' })
  for (const key of keys) await halligan.table.touch(key)
  await press(await revealWindow(halligan), 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
}

test('a backup key is added with one tap of the key in use, and opens', async () => {
  test.setTimeout(90_000)
  const { app, tap, table } = halligan
  await goTo(app, 'People and safes')
  await expect(app.getByText('Only one key', { exact: true })).toHaveCount(4)
  await press(app, `Add a backup key for ${ada.name}`)
  await press(app, 'Enrol the new key')
  backup = await table.add(`${ada.name}, backup`)
  for (let touch = 0; touch < 3; touch++) await table.touch(backup)
  await expect(tap.getByText(/gets the security key “Spare key”/)).toBeVisible()
  await table.touch(mainKey(ada))
  await waitForOutcome(app, /The new key is enrolled and signed for/)
  await expect(app.getByText('Only one key', { exact: true })).toHaveCount(3)
  expect(await wrapKeys()).toHaveLength(4)
  await unseal([mainKey(rita), backup, mainKey(grace)])
})

test('both keys are tested, and the screen says when', async () => {
  test.setTimeout(60_000)
  const { app, table } = halligan
  await goTo(app, 'People and safes')
  // Used already: it opened the credential.
  await expect(
    app.getByRole('list', { name: `Security keys of ${ada.name}` }).getByText(/last proved itself/),
  ).toHaveCount(1)
  for (const [label, key] of [
    ['Spare key', backup],
    ['Main key', mainKey(ada)],
  ] as const) {
    await press(app, `Test “${label}” of ${ada.name}`)
    await table.touch(key)
    await waitForOutcome(app, /The key works/)
    await press(app, 'Close this notice')
  }
  await expect(
    app.getByRole('list', { name: `Security keys of ${ada.name}` }).getByText(/last proved itself/),
  ).toHaveCount(2)
  expect(entriesOf(await readEntries(halligan.vaultDir), 'drill.passed')).toHaveLength(2)
})

test('a key is renamed by its owner', async () => {
  const { app, tap, table } = halligan
  await press(app, `Rename “Main key” of ${ada.name}`)
  await fill(app, 'New name', 'On the key ring')
  await press(app, 'Sign the new name')
  await expect(tap.getByText('security key “Main key” is now called “On the key ring”')).toBeVisible()
  await table.touch(backup)
  await waitForOutcome(app, /The change is in force/)
  await expect(app.getByRole('heading', { name: 'On the key ring' })).toBeVisible()
})

test('a lost key is struck off by a quorum, and opens nothing any more', async () => {
  test.setTimeout(90_000)
  const { app, tap, table, vaultDir } = halligan
  const lost = mainKey(ada)
  const before = await wrapKeys()
  await press(app, `Retire “On the key ring” of ${ada.name}`)
  await press(app, 'Collect the signatures')
  await expect(tap.getByText(/loses the security key “On the key ring”/)).toBeVisible()
  for (const person of [grace, edsger]) await table.touch(mainKey(person))
  await waitForOutcome(app, /The change is in force/)
  await expect(app.getByRole('heading', { name: 'On the key ring' })).toHaveCount(0)
  expect(await wrapKeys()).toHaveLength(before.length - 1)

  const refused = await refusedCodes(vaultDir)
  await openRequest(halligan, { credential: 'Cloud root', by: rita, seconds: '15 seconds' })
  await table.touch(mainKey(rita))
  // The key is not among those asked for: it does not even answer.
  await table.touch(lost)
  await expect.poll(() => refusedCodes(vaultDir)).toEqual([...refused, 'TAP_NOT_ALLOWED'])
  await table.touch(backup)
  await table.touch(mainKey(edsger))
  await press(await revealWindow(halligan), 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

test('the last key of a custodian stays', async () => {
  const { app } = halligan
  await goTo(app, 'People and safes')
  await press(app, `Retire “Main key” of ${grace.name}`)
  await press(app, 'Collect the signatures')
  await expect(app.getByText('It is the only key of a custodian')).toBeVisible()
})

test('the command line verifies all of it', async () => {
  const entries = await readEntries(halligan.vaultDir)
  expect(entriesOf(entries, 'manifest.changed').map(({ data }) => data.version)).toEqual([1, 2, 3, 4])
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
  expect((JSON.parse(stdout) as { integrity: { problems: unknown[] } }).integrity.problems).toEqual([])
})

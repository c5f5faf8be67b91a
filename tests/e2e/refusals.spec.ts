/** What a key, or a page that was taken over, must not get through: refused in the real app, with its code in the log. */
import { expect, test } from 'playwright/test'
import { takeOver, type LyingPage } from './journey/forged-answers.ts'
import {
  keepPictures,
  openRequest,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries, refusedCodes } from './journey/log.ts'
import { fill, press } from './journey/screens.ts'
import type { KeyOptions } from './journey/security-keys.ts'
import { mainKey, type Person } from './journey/set-up.ts'

let halligan: Halligan
let page: LyingPage
let ada: Person
let grace: Person
let rita: Person

/** The newest refusal in the log must become this one, and be the only new one. */
async function expectRefused(before: readonly string[], code: string): Promise<void> {
  await expect.poll(() => refusedCodes(halligan.vaultDir)).toEqual([...before, code])
}

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  halligan = await startHalligan()
  page = await takeOver(halligan.tap)
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

/** Tries to enrol a key that must not be; then the operation is cancelled, and nothing is enrolled. */
async function tryToEnrol(who: Person, options: KeyOptions, touches: number, code: string): Promise<void> {
  const { app, tap, table, vaultDir } = halligan
  const before = await refusedCodes(vaultDir)
  await press(app, `Enrol keys of ${who.name}`)
  const key = await table.add(`a key that must not be enrolled: ${code}`, options)
  for (let touch = 0; touch < touches; touch++) await table.touch(key)
  await expectRefused(before, code)
  await expect(tap.getByText(code)).toBeVisible()
  await press(tap, 'Cancel')
  await expect(app.getByRole('button', { name: `Enrol keys of ${who.name}`, exact: true })).toBeEnabled()
  expect(entriesOf(await readEntries(vaultDir), 'key.enrolled')).toEqual([])
}

test('refuses synced keys and keys without PRF at enrolment', async () => {
  test.setTimeout(120_000)
  const { custodians, requester } = await setUpSmallVault(halligan, {
    n: 2,
    beforeKeys: async ([first]) => {
      if (first === undefined) throw new Error('nobody to enrol')
      await tryToEnrol(first, { backupEligible: true }, 1, 'TAP_BACKUP_ELIGIBLE')
      // Whether a key has PRF shows when it is asked for it.
      await tryToEnrol(first, { hasPrf: false }, 2, 'TAP_NO_PRF')
    },
  })
  ;[ada, grace, rita] = [...custodians, requester] as [Person, Person, Person]
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: ada,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'refusals-secret')
    },
  })
})

const ask = (): Promise<void> => openRequest(halligan, { credential: 'Cloud root', by: rita, seconds: '30 seconds' })

test('refuses an answer that was given before, to this request', async () => {
  const { table, vaultDir } = halligan
  await ask()
  await table.touch(mainKey(rita))
  await page.next({ kind: 'keep' })
  await table.touch(mainKey(ada))
  const [kept] = page.kept
  if (kept === undefined) throw new Error('no answer was kept')
  const before = await refusedCodes(vaultDir)
  await page.next({ kind: 'answer', kept })
  await table.touch(mainKey(grace))
  await expectRefused(before, 'TAP_REPLAYED')
  await expect(halligan.app.getByText('1 of 2 custodians')).toBeVisible()
})

test('refuses an answer to another question than its own', async () => {
  const { table, vaultDir, app } = halligan
  const before = await refusedCodes(vaultDir)
  await page.next({ kind: 'other-challenge' })
  await table.touch(mainKey(grace))
  await expectRefused(before, 'TAP_CHALLENGE_WRONG')
  await expect(app.getByText('1 of 2 custodians')).toBeVisible()
})

test('opens nothing for a touch that comes after the request was cancelled', async () => {
  const { vaultDir, app, tap, launched } = halligan
  await page.next({ kind: 'never' })
  await press(tap, 'Touch now')
  await press(app, 'Cancel the request')
  await press(app, 'Cancel the request now')
  await waitForClosed(halligan, /cancelled and nothing was shown/)
  // The page that asked is gone, and the next one asks nobody.
  await expect(tap.getByRole('button', { name: 'Touch now' })).toHaveCount(0)
  const entries = await readEntries(vaultDir)
  expect(entriesOf(entries, 'request.cancelled').at(-1)?.data.reason).toBe('cancelled')
  expect(entriesOf(entries, 'request.granted')).toEqual([])
  expect(launched.openWindows('reveal')).toEqual([])
})

test('refuses an answer to another request', async () => {
  const { table, vaultDir, app } = halligan
  const [kept] = page.kept
  if (kept === undefined) throw new Error('no answer was kept')
  await ask()
  await table.touch(mainKey(rita))
  const before = await refusedCodes(vaultDir)
  await page.next({ kind: 'answer', kept })
  await table.touch(mainKey(ada))
  await expectRefused(before, 'TAP_CHALLENGE_WRONG')
  await expect(app.getByText('0 of 2 custodians')).toBeVisible()
  await press(app, 'Cancel the request')
  await press(app, 'Cancel the request now')
  await waitForClosed(halligan, /cancelled and nothing was shown/)
})

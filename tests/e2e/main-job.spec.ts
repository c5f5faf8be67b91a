/** The main job in the real app: set up, seal, ask, refuse, open, hide, run out, read the log. */
import { expect, test } from 'playwright/test'
import { expectAccessible } from './journey/axe.ts'
import {
  keepPictures,
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  tapAll,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { fill, goTo, press, waitForShown } from './journey/screens.ts'
import { mainKey, type Person } from './journey/set-up.ts'

const secret = 'q7#Lighthouse-Falcon'

let halligan: Halligan
let custodians: readonly Person[]
let requester: Person

const custodian = (index: number): Person => {
  const found = custodians[index]
  if (found === undefined) throw new Error('no such custodian')
  return found
}

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  halligan = await startHalligan()
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

test('sets up a vault that every custodian has signed', async () => {
  await expectAccessible(halligan.app, 'first screen')
  ;({ custodians, requester } = await setUpSmallVault(halligan))
  await expect(halligan.app.getByText('Nothing is sealed yet')).toBeVisible()
})

test('seals a credential; the secret leaves no trace in the app window', async () => {
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: custodian(0),
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root@example.test')
      await fill(seal, 'Password', secret)
    },
  })
  expect(await halligan.app.content()).not.toContain(secret)
  expect(halligan.launched.openWindows('seal')).toHaveLength(0)
  await expectAccessible(halligan.app, 'credentials')
})

test('refuses, in words, what must not open it', async () => {
  const { app, table } = halligan
  await openRequest(halligan, { credential: 'Cloud root', by: requester, seconds: '30 seconds' })
  const refusal = (code: string) => app.getByText(code).first()
  await table.touch(mainKey(custodian(0)))
  await expect(refusal('TAP_NOT_ALLOWED')).toBeVisible()
  await table.touch(mainKey(requester))
  await table.touch(mainKey(custodian(0)))
  await table.touch(mainKey(custodian(0)))
  await expect(refusal('TAP_PERSON_ALREADY_COUNTED')).toBeVisible()
  await table.touch(await table.add('a stranger'))
  await expect(refusal('TAP_NOT_ALLOWED')).toBeVisible()
  await table.touch(mainKey(custodian(1)), { bogusSignature: true })
  await expect(refusal('TAP_SIGNATURE_INVALID')).toBeVisible()
  await table.touch(mainKey(custodian(1)), { badUserVerification: true })
  await expect(refusal('TAP_NO_USER_VERIFICATION')).toBeVisible()
  await expect(app.getByText('1 of 2 custodians')).toBeVisible()
  await expectAccessible(app, 'request')
})

test('opens for the quorum, masked until asked, and hides at once', async () => {
  await halligan.table.touch(mainKey(custodian(1)))
  const reveal = await revealWindow(halligan)
  await expect(reveal.getByRole('button', { name: 'Hide now' })).toBeFocused()
  expect(await reveal.content()).not.toContain(secret)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, secret)
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

test('says what is owed', async () => {
  await goTo(halligan.app, 'After use')
  await expect(halligan.app.getByText('1. Change it and seal the new one')).toBeVisible()
  await expect(halligan.app.getByText('2. Say what it was')).toBeVisible()
  await expectAccessible(halligan.app, 'after use')
})

test('ends a window by itself when its time is up', async () => {
  await openRequest(halligan, { credential: 'Cloud root', by: custodian(0), seconds: '15 seconds' })
  await tapAll(halligan, [custodian(0), custodian(2)])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForClosed(halligan, /The window is closed/)
})

test('cancels a request before it opens', async () => {
  await openRequest(halligan, { credential: 'Cloud root', by: requester, seconds: '30 seconds' })
  await halligan.table.touch(mainKey(requester))
  await press(halligan.app, 'Cancel the request')
  await press(halligan.app, 'Cancel the request now')
  await waitForClosed(halligan, /cancelled and nothing was shown/)
})

test('tells all of it in the timeline, with a verdict', async () => {
  const { app } = halligan
  await goTo(app, 'Timeline')
  await press(app, 'Verify now')
  await expect(app.getByText(/^Checked:/)).toBeVisible({ timeout: 20_000 })
  await expect(app.locator('.notice.bad')).toHaveCount(0)
  await expect.poll(() => app.getByRole('option').count()).toBeGreaterThan(10)
  await expectAccessible(app, 'timeline')
})

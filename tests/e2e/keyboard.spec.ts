/** The main job once through with the keyboard alone: no pointer is touched from the first screen to "Hide now". */
import { test } from 'playwright/test'
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
import { fill, goTo, press, useKeyboardOnly, waitForShown } from './journey/screens.ts'
import { mainKey } from './journey/set-up.ts'

let halligan: Halligan

test.beforeAll(async () => {
  useKeyboardOnly()
  halligan = await startHalligan()
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

test('sets up, seals, breaks the glass and hides with the keyboard alone', async () => {
  test.setTimeout(180_000)
  const { custodians, requester } = await setUpSmallVault(halligan, { n: 2, threshold: 2 })
  const [first, second] = custodians
  if (first === undefined || second === undefined) throw new Error('two custodians are needed')
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: first,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'keyboard-secret')
    },
  })
  await openRequest(halligan, { credential: 'Cloud root', by: requester, incident: 'INC-1', seconds: '1 minute' })
  for (const person of [requester, first, second]) await halligan.table.touch(mainKey(person))
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, 'keyboard-secret')
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
  await goTo(halligan.app, 'Timeline')
  await press(halligan.app, 'Verify now')
  await halligan.app.getByText(/^Checked:/).waitFor({ timeout: 20_000 })
})

/** A drill of a safe in the real app: one key fails, another custodian comes, and nothing is opened or shown. */
import { expect, test } from 'playwright/test'
import { keepPictures, sealCredential, setUpSmallVault, startHalligan, type Halligan } from './journey/halligan.ts'
import { entriesOf, readEntries, refusedCodes } from './journey/log.ts'
import { fill, goTo, press, waitForOutcome } from './journey/screens.ts'
import { mainKey, type Person } from './journey/set-up.ts'

let halligan: Halligan
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
  await halligan.launched.close()
})

test('a safe passes its drill with another custodian after a key has failed', async () => {
  test.setTimeout(120_000)
  halligan = await startHalligan()
  const { app, tap, table, launched, vaultDir } = halligan
  const { custodians } = await setUpSmallVault(halligan)
  const [ada, grace, edsger] = custodians as [Person, Person, Person]
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: ada,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await press(seal, 'Generate Password…')
      await press(seal, 'Generate')
      await expect(seal.getByLabel('Password', { exact: true })).toHaveValue(/^[A-Za-z0-9]{24}$/)
    },
  })
  await goTo(app, 'People and safes')
  await expect(app.getByText('Not yet drilled', { exact: true })).toBeVisible()
  await press(app, 'Drill it: Emergency')
  await expect(tap.getByText('A drill: nothing is opened or shown')).toBeVisible()
  await table.touch(mainKey(ada), { badUserVerification: true })
  await table.touch(mainKey(grace))
  await table.touch(mainKey(edsger))
  await waitForOutcome(app, /enough custodians’ shares gave the right key/)
  await expect(app.getByText('Drilled', { exact: true })).toBeVisible()
  expect(launched.openWindows('reveal')).toEqual([])
  const entries = await readEntries(vaultDir)
  expect(await refusedCodes(vaultDir)).toEqual(['TAP_NO_USER_VERIFICATION'])
  expect(entriesOf(entries, 'proof.passed')).toMatchObject([{ data: { purpose: 'drill' } }])
  expect(entriesOf(entries, 'proof.passed')[0]?.data.people).toHaveLength(2)
  expect(entriesOf(entries, 'request.opened')).toEqual([])
})

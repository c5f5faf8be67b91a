/** People come and go in the real app: a custodian who has left is replaced with twenty credentials in the safe, a fifth one is added. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'playwright/test'
import { expectAccessible } from './journey/axe.ts'
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
import { applyChange, beginChange, enrolNewcomer } from './journey/people-change.ts'
import { fill, goTo, press, tick } from './journey/screens.ts'
import { mainKey, person, type Person } from './journey/set-up.ts'

/** Sealing takes most of the time: all twenty in the campaign. */
const count = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 20 : 5

let halligan: Halligan
let ada: Person
let grace: Person
let edsger: Person
let barbara: Person
let rita: Person
const tony = person('Tony Hoare', true)
const niklaus = person('Niklaus Wirth', true)

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(240_000)
  halligan = await startHalligan()
  const { custodians, requester } = await setUpSmallVault(halligan, { n: 4 })
  ;[ada, grace, edsger, barbara] = custodians as [Person, Person, Person, Person]
  rita = requester
  for (let made = 1; made <= count; made++)
    await sealCredential(halligan, {
      name: `Server ${String(made).padStart(2, '0')}`,
      kind: 'Login',
      by: ada,
      fillForm: async (seal) => {
        await fill(seal, 'User name', 'root')
        await fill(seal, 'Password', `secret-of-${String(made)}`)
      },
    })
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

const sharesOfRecords = async (): Promise<readonly number[]> =>
  (
    await readRows<{ shares: number }>(
      halligan.vaultDir,
      'SELECT count(*) AS shares FROM shares GROUP BY credential, version',
    )
  ).map(({ shares }) => shares)

test('a custodian who has left is replaced, and every record follows', async () => {
  test.setTimeout(90_000)
  const { app } = halligan
  await beginChange(halligan)
  await press(app, `Replace ${edsger.name}`)
  await app.getByRole('textbox', { name: `Who comes in place of ${edsger.name}?` }).fill(tony.name)
  await press(app, 'Replace')
  await expect(app.getByText('Edsger Dijkstra leaves.')).toBeVisible()
  await press(app, 'Prepare this change')
  await expect(app.getByText(`${String(count)} records, without anybody seeing them`)).toBeVisible()
  await expectAccessible(app, 'a change that is prepared')
  await enrolNewcomer(halligan, tony)
  await applyChange(halligan, [ada, grace, barbara, tony], [ada, grace, barbara, tony])
  await expect(
    app.getByRole('heading', { name: `Somebody has left: ${String(count)} credentials to rotate` }),
  ).toBeVisible()
  await expectAccessible(app, 'after somebody left')
  expect(await sharesOfRecords()).toEqual(Array.from({ length: count }, () => 4))
  const entries = await readEntries(halligan.vaultDir)
  expect(entriesOf(entries, 'credential.resealed')).toHaveLength(count)
  expect(JSON.stringify(entriesOf(entries, 'manifest.changed').map(({ data }) => data.version))).toBe('[1,2]')
})

test('a fifth custodian is added', async () => {
  test.setTimeout(90_000)
  const { app } = halligan
  await beginChange(halligan)
  await press(app, 'Add a person')
  await app.getByRole('textbox', { name: 'Who joins?' }).fill(niklaus.name)
  await press(app, 'Add')
  await tick(app.getByRole('group', { name: 'Custodians of Emergency' }), niklaus.name, true)
  await expect(app.getByText('“Emergency” is opened by 2 of 5, no longer by 2 of 4.')).toBeVisible()
  await press(app, 'Prepare this change')
  await enrolNewcomer(halligan, niklaus)
  await applyChange(halligan, [ada, grace, tony, niklaus], [ada, grace, barbara, tony, niklaus])
  expect(await sharesOfRecords()).toEqual(Array.from({ length: count }, () => 5))
})

test('who came opens; who left does not', async () => {
  test.setTimeout(60_000)
  const { table, vaultDir } = halligan
  const refused = await refusedCodes(vaultDir)
  await openRequest(halligan, { credential: 'Server 03', by: rita, seconds: '15 seconds' })
  await table.touch(mainKey(rita))
  await table.touch(mainKey(edsger))
  await expect.poll(() => refusedCodes(vaultDir)).toEqual([...refused, 'TAP_NOT_ALLOWED'])
  await table.touch(mainKey(tony))
  await table.touch(mainKey(niklaus))
  await press(await revealWindow(halligan), 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

test('the command line verifies all of it, and the screen is as before after a restart', async () => {
  test.setTimeout(60_000)
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
  expect((JSON.parse(stdout) as { integrity: { problems: unknown[] } }).integrity.problems).toEqual([])
  const { userDir } = halligan
  await halligan.launched.close()
  halligan = await startHalligan({ userDir })
  const { app } = halligan
  await app.getByRole('heading', { name: 'Credentials', level: 1 }).waitFor({ timeout: 20_000 })
  await goTo(app, 'People and safes')
  await expect(app.getByRole('heading', { name: 'Niklaus Wirth' })).toBeVisible()
  await expect(app.getByRole('heading', { name: 'Edsger Dijkstra' })).toHaveCount(0)
})

/** A quarterly rotation in the real app: three credentials in a safe that three of five open, by the script, to signed minutes. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { findReasonToSkip, wantedServers } from '../support/servers/packages.ts'
import { expectAccessible } from './journey/axe.ts'
import { doStep, openCeremony, readProgress, signMinutes, stepInstruction, stepTitle } from './journey/ceremony.ts'
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
import { entriesOf, readEntries, readRows } from './journey/log.ts'
import { fill, goTo, press, waitForShown } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'

const names = ['Cloud root', 'Domain registrar', 'Backup key']
/** Nobody wrote one for the third. */
const notes: Readonly<Record<string, string>> = {
  'Cloud root':
    'Console, top right, “Security credentials”:\n  1. make a second key\n  2. sign in with it\n  3. delete the first one',
  'Domain registrar': 'Registrar’s site, “Account”, “Password”. It asks for the old one twice.',
}
const later = 'Console of the backup server:\nmenu “Keys”, then “Replace”.'

let halligan: Halligan
let people: readonly [Person, Person, Person, Person, Person]
let witness: Person

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(120_000)
  halligan = await startHalligan()
  const { custodians, requester } = await setUpSmallVault(halligan, { n: 5, threshold: 3 })
  people = custodians as unknown as typeof people
  witness = requester
  for (const name of names)
    await sealCredential(halligan, {
      name,
      kind: 'Login',
      by: people[0],
      ...(notes[name] === undefined ? {} : { rotationNote: notes[name] }),
      fillForm: async (seal) => {
        await fill(seal, 'User name', 'root')
        await fill(seal, 'Password', 'before-the-ceremony')
      },
    })
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

test('the script is followed to its end', async () => {
  test.setTimeout(120_000)
  const { app } = halligan
  const [ada, grace, edsger] = people
  await openCeremony(halligan, {
    kind: 'Rotation',
    lead: ada,
    witnesses: [witness],
    chosen: names,
    look: async (planned) => {
      await press(planned, 'Print the script')
      await expect(planned.getByText(/It is here: /)).toBeVisible({ timeout: 20_000 })
    },
  })
  await expectAccessible(app, 'a ceremony that has begun')
  const titles: string[] = []
  const instructions = new Map<string, string>()
  const noteFor = (title: string): string | null => (title.includes('Backup key') ? later : null)
  for (let { now, all } = await readProgress(app); now < all; now = (await readProgress(app)).now) {
    instructions.set(await stepTitle(app), await stepInstruction(app))
    titles.push(await doStep(halligan, ada, [ada, grace, edsger], noteFor))
  }
  // Whole, last, and line by line as it was typed.
  for (const [name, note] of Object.entries(notes)) {
    const [said, written] = instructions.get(`Prepare “${name}”`)!.split(/(?<= on \d{4}-\d\d-\d\d:)\n/)
    expect(said).toContain(`as ${ada.name} signed it with version 1`)
    expect(written).toBe(note)
  }
  expect(instructions.get('Prepare “Backup key”')).toContain(`was not written down. Ask ${ada.name}, who sealed it on`)
  expect(titles.filter((title) => title.startsWith('Seal version 2 of'))).toHaveLength(3)
  expect(titles.filter((title) => title.startsWith('Destroy what is older'))).toHaveLength(3)
  await expectAccessible(app, 'a ceremony whose steps are finished')
  expect(await readRows(halligan.vaultDir, 'SELECT version FROM records')).toEqual(
    [2, 2, 2].map((version) => ({ version })),
  )
})

test('the minutes are written, signed by all who took part, and can be read', async () => {
  test.setTimeout(60_000)
  const { app, vaultDir } = halligan
  const [ada, grace, edsger] = people
  await signMinutes(halligan, [ada, grace, edsger, witness])
  await app.getByRole('button', { name: /^Minutes: / }).click()
  await expect(app.getByText('Has signed')).toHaveCount(4)
  await expectAccessible(app, 'minutes')
  const entries = await readEntries(vaultDir)
  expect(entriesOf(entries, 'ceremony.closed')).toHaveLength(1)
  expect(entriesOf(entries, 'credential.destroyed')).toHaveLength(3)
})

test('the script was printed with how each is rotated', async () => {
  test.setTimeout(200_000)
  const missing = await findReasonToSkip(wantedServers.poppler)
  test.skip(missing !== null, missing ?? '')
  const file = path.join(halligan.exportDir, 'halligan-script.pdf')
  const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout
  const plain = text.replaceAll(/\s+/g, '')
  // A line of the note is a line on paper.
  expect(text).toMatch(/\n.*1\. make a second key.*\n.*2\. sign in with it.*\n.*3\. delete the first one/)
  expect(plain).toContain('Registrar’ssite,“Account”,“Password”.Itasksfortheoldonetwice.')
  expect(plain).toContain('Howitisrotatedwasnotwrittendown.')
})

test('the minutes are printed from what the log has', async () => {
  test.setTimeout(200_000)
  const missing = await findReasonToSkip(wantedServers.poppler)
  test.skip(missing !== null, missing ?? '')
  const { app, exportDir, vaultDir } = halligan
  await press(app, 'Print the minutes')
  await expect(app.getByText(/It is here: /)).toBeVisible({ timeout: 20_000 })
  const file = path.join(exportDir, 'halligan-minutes.pdf')
  const info = spawnSync('pdfinfo', [file], { encoding: 'utf8' }).stdout
  expect(info).toMatch(/^Tagged:\s+yes/m)
  const text = spawnSync('pdftotext', [file, '-'], { encoding: 'utf8' }).stdout.replaceAll(/\s+/g, '')
  const [written] = entriesOf(await readEntries(vaultDir), 'minutes.written')
  const { steps, participants } = written!.data.minutes
  for (const words of [...steps.map(({ title }) => title), ...participants.map(({ name }) => name)])
    expect(text).toContain(words.replaceAll(/\s+/g, ''))
})

test('the new versions carry it on, and the one that was written in the ceremony', async () => {
  const { app } = halligan
  await goTo(app, 'Credentials')
  for (const [name, note] of Object.entries({ ...notes, 'Backup key': later })) {
    await press(app, `More: ${name}`)
    const more = app.getByRole('group', { name: `More about ${name}` })
    await expect(more.locator('.rotation-note')).toHaveText(note, { useInnerText: true })
    await press(app, `More: ${name}`)
  }
})

test('what was rotated opens with the new secret', async () => {
  test.setTimeout(60_000)
  const { app } = halligan
  const [, grace, edsger, barbara] = people
  await goTo(app, 'Credentials')
  await openRequest(halligan, { credential: 'Cloud root', by: witness, seconds: '15 seconds' })
  await tapAll(halligan, [witness, grace, edsger, barbara])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await waitForShown(reveal, 'rotated-7731')
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

test('the command line verifies all of it', async () => {
  const args = ['out/dev/cli.cjs', 'verify', halligan.vaultDir, '--json']
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
  expect((JSON.parse(stdout) as { integrity: { problems: unknown[] } }).integrity.problems).toEqual([])
})

/** Ceremonies, changes of people, what is due: looked at in light, dark and at 200 %, clean for axe, and what they ask the vault for. */
import { expect, test } from 'playwright/test'
import type { AppState } from '../../../shared/contracts/app.ts'
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

async function open(state: AppState, rest: Omit<AppCan, 'state'> = {}): Promise<Screen> {
  const screen = await host.open('app')
  await screen.page.evaluate((can) => globalThis.halliganFake.app(can), {
    credentials: canned.credentials,
    pastCeremonies: ceremonies.past,
    ceremonyDraft: ceremonies.draft,
    ...rest,
    state,
  } as AppCan)
  await screen.page.getByRole('heading', { level: 1 }).first().waitFor()
  return screen
}
const press = ({ page }: Screen, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const go = ({ page }: Screen, name: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click()
const expectCall = (screen: Screen, method: string, input: unknown): Promise<void> =>
  expect
    .poll(async () => {
      const calls = await screen.page.evaluate(() => globalThis.halliganFake.calls)
      return calls.findLast((call) => call.method === method)?.input
    })
    .toEqual(input)
const openRunning = async (state: AppState, rest: Omit<AppCan, 'state'> = {}): Promise<Screen> => {
  const screen = await open(state, rest)
  await press(screen, 'Go on with it')
  await screen.page.getByRole('heading', { level: 1, name: /^Rotation of/ }).waitFor()
  return screen
}

test('what is due stands on the first screen, and all of it on its own', async () => {
  const screen = await open(ceremonies.withDue)
  await expect(screen.page.getByRole('heading', { name: '8 things are due' })).toBeVisible()
  await host.inspect(screen, 'app-due')
  await press(screen, 'See all 8')
  await host.inspect(screen, 'app-due-all')
  await press(screen, 'Drill: Production')
  await expectCall(screen, 'credential.prove', { purpose: 'drill', safe: idOf(101), credentials: [idOf(201)] })
  await press(screen, 'Test: Edsger Dijkstra')
  await expectCall(screen, 'keys.test', { person: idOf(3), key: `keyk${'0'.repeat(38)}30` })
  const calm = await open(ceremonies.calm)
  await expect(calm.page.getByText('Nothing is due. Next: drill the safe Company bank, in 41 days')).toBeVisible()
  await host.inspect(calm, 'app-due-calm')
})

test('a credential: its proof and its older versions', async () => {
  const screen = await open(ceremonies.calm, { credentials: ceremonies.afterLeaver })
  const { page } = screen
  await press(screen, 'More: AWS root account')
  await host.inspect(screen, 'app-credential-more')
  await press(screen, 'Prove that it opens: AWS root account')
  await expectCall(screen, 'credential.prove', { purpose: 'rotation', safe: idOf(101), credentials: [idOf(201)] })
  await press(screen, 'Erase it: version 3 of AWS root account')
  await expect(page.getByRole('button', { name: 'Sign and erase it' })).toBeDisabled()
  await page.getByRole('button', { name: /Who erases it/ }).click()
  await page.getByRole('option', { name: 'Grace Hopper' }).click()
  await host.inspect(screen, 'app-credential-erase')
  await press(screen, 'Sign and erase it')
  await expectCall(screen, 'credential.destroy', { credential: idOf(201), version: 3, person: idOf(2) })
})

test('the ceremonies that were, and their minutes', async () => {
  const screen = await open(canned.ready)
  await go(screen, 'Ceremonies')
  await screen.page.getByRole('button', { name: /^Minutes: / }).waitFor()
  await host.inspect(screen, 'app-ceremonies')
  await screen.page.getByRole('button', { name: /^Minutes: / }).click()
  await screen.page.getByRole('heading', { name: 'Who took part' }).waitFor()
  // What was read aloud is found again: the words of both heads, beside those of the minutes.
  for (const words of ['velvet anchor pepper north', 'mango night ocean piano', 'ivory jelly kayak lemon'])
    await expect(screen.page.getByText(words, { exact: true })).toBeVisible()
  await host.inspect(screen, 'app-ceremony-minutes')
  await press(screen, 'Print the minutes')
  await expectCall(screen, 'print.make', { document: 'minutes', ceremony: idOf(600) })
})

test('planning a ceremony: the script stands beside, and is made anew', async () => {
  const screen = await open(ceremonies.withDue, { credentials: ceremonies.afterLeaver })
  const { page } = screen
  await go(screen, 'Ceremonies')
  await press(screen, 'Plan it: Rotation')
  await page.getByText('14 steps. Read them before you open it.').waitFor()
  await page.getByRole('group', { name: 'Who watches?' }).getByText('Rita Okafor').click()
  await expectCall(screen, 'ceremony.draft', {
    kind: 'rotation',
    lead: idOf(1),
    witnesses: [idOf(5)],
    credentials: [idOf(203), idOf(201), idOf(202)],
    safes: null,
  })
  await host.inspect(screen, 'app-ceremony-plan')
  await press(screen, 'Print the script')
  await press(screen, 'Sign and open it')
  await expectCall(screen, 'ceremony.open', {
    kind: 'rotation',
    lead: idOf(1),
    witnesses: [idOf(5)],
    credentials: [idOf(203), idOf(201), idOf(202)],
    safes: null,
  })
  for (const kind of ['Drill', 'People', 'Table-top exercise']) {
    await go(screen, 'Ceremonies')
    await press(screen, `Plan it: ${kind}`)
    await host.inspect(screen, `app-ceremony-plan-${kind.toLowerCase().replace(' ', '-')}`)
  }
})

test('nothing is due: the plan says so', async () => {
  const screen = await open(ceremonies.calm, { refuse: { 'ceremony.draft': { code: 'CEREMONY_NOTHING_DUE' } } })
  await go(screen, 'Ceremonies')
  await press(screen, 'Plan it: Drill')
  await expect(screen.page.getByText('Nothing is due, so there is nothing to do')).toBeVisible()
})

test('a step of words: it is finished with initials that are remembered', async () => {
  const ceremony = ceremonies.ceremonyAt(4)
  const screen = await openRunning(ceremonies.inCeremony(ceremony))
  await host.inspect(screen, 'app-ceremony-confirm')
  await screen.page.getByRole('button', { name: /Finished by/ }).click()
  await screen.page.getByRole('option', { name: /^Maria-Fernanda/ }).click()
  await expect(screen.page.getByLabel('Initials')).toHaveValue('MFVH')
  const doubt = screen.page.getByText(/Are these/)
  await expect(doubt).toHaveCount(0)
  await screen.page.getByLabel('Initials').fill('gh')
  await expect(screen.page.locator('.initials-doubt')).toContainText(
    'Are these Maria-Fernanda von Hohenstein-Castellanos’s? Their name gives MFVH.',
  )
  await host.inspect(screen, 'app-ceremony-initials')
  // Said, and not refused: people know their own.
  await screen.page.getByLabel('Initials').fill('mh')
  await press(screen, 'Add a note')
  await screen.page.getByLabel('Note').fill('The system asked for a second factor.')
  await press(screen, 'Done')
  await expectCall(screen, 'ceremony.step', {
    ceremony: ceremony.id,
    step: 4,
    result: 'done',
    person: idOf(4),
    initials: 'MH',
    note: 'The system asked for a second factor.',
  })
  const next = ceremonies.inCeremony(ceremonies.ceremonyAt(5))
  await screen.page.evaluate((state) => globalThis.halliganFake.setState(state), next)
  await expect(screen.page.getByRole('heading', { name: 'Seal version 5 of “AWS root account”' })).toBeFocused()
})

test('the words of the head are very large', async () => {
  await host.inspect(await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(3))), 'app-ceremony-head')
})

test('a step that an operation brings about', async () => {
  const ceremony = ceremonies.ceremonyAt(5)
  const screen = await openRunning(ceremonies.inCeremony(ceremony))
  await expect(screen.page.getByRole('button', { name: 'Done', exact: true })).toBeDisabled()
  await host.inspect(screen, 'app-ceremony-seal')
  await press(screen, 'Seal the new version')
  await expectCall(screen, 'ceremony.run', { ceremony: ceremony.id, step: 5, person: idOf(1), labels: [] })
  const done = await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(5, {}, true)))
  await expect(done.page.getByText('Version 5 is sealed.')).toBeVisible()
  await expect(done.page.getByRole('button', { name: 'Done', exact: true })).toBeEnabled()
  await host.inspect(done, 'app-ceremony-sealed')
})

test('the other steps', async () => {
  for (const [now, name] of [
    [6, 'prove'],
    [8, 'destroy'],
    [11, 'practice'],
  ] as const)
    await host.inspect(await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(now))), `app-ceremony-${name}`)
  const enrol = ceremonies.inCeremony(ceremonies.ceremonyAt(9), { change: ceremonies.changing })
  const screen = await openRunning(enrol)
  await host.inspect(screen, 'app-ceremony-enrol')
  await press(screen, 'Bring the keys')
  await expectCall(screen, 'ceremony.run', {
    ceremony: idOf(600),
    step: 9,
    person: null,
    labels: ['Main key', 'Spare key'],
  })
  const reshare = ceremonies.inCeremony(ceremonies.ceremonyAt(10), { change: ceremonies.complete })
  await host.inspect(await openRunning(reshare), 'app-ceremony-reshare')
  const owed = ceremonies.inCeremony(ceremonies.ceremonyAt(12, { unclassified: [idOf(301)] }), {
    owed: canned.afterUse.owed,
  })
  await host.inspect(await openRunning(owed), 'app-ceremony-classify')
})

test('something is different: the step is left out', async () => {
  const screen = await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(5)))
  const { page } = screen
  await press(screen, 'Something is different: write an exception')
  await press(screen, 'Write the exception')
  await expect(page.getByText('Say what is different.')).toBeVisible()
  await page.getByLabel('What is different, and why?').fill('The cloud console is down for maintenance.')
  await page.getByText('Leave this step out', { exact: true }).click()
  await host.inspect(screen, 'app-ceremony-exception')
  await press(screen, 'Write the exception')
  await expectCall(screen, 'ceremony.except', {
    ceremony: idOf(600),
    step: 5,
    what: 'The cloud console is down for maintenance.',
    decidedBy: idOf(1),
    absent: null,
  })
  await expectCall(screen, 'ceremony.step', {
    ceremony: idOf(600),
    step: 5,
    result: 'excepted',
    person: idOf(1),
    initials: 'AB',
    note: '',
  })
})

test('a lead who has to leave is followed by somebody who could lead, who chooses themselves', async () => {
  const screen = await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(5)))
  const { page } = screen
  await press(screen, 'Something is different: write an exception')
  await page.getByLabel('What is different, and why?').fill('Ada feels ill and goes home.')
  await page.getByRole('button', { name: /Has somebody left/ }).click()
  await page.getByRole('option', { name: 'Ada Byron' }).click()
  await expect(page.getByText(/^Ada Byron leads this ceremony\./)).toBeVisible()
  await press(screen, 'Write the exception')
  await expect(page.getByText('Choose who leads from here on.')).toBeVisible()
  await host.inspect(screen, 'app-ceremony-lead-leaves')
  await page.getByRole('button', { name: /Who decided, and leads on/ }).click()
  // Not who leaves, not who has left (Rita), and nobody without a key.
  await expect(page.getByRole('option')).toHaveText([/^Grace/, /^Edsger/, /^Maria-Fernanda/])
  await page.getByRole('option', { name: 'Grace Hopper' }).click()
  await press(screen, 'Write the exception')
  await expectCall(screen, 'ceremony.except', {
    ceremony: idOf(600),
    step: 5,
    what: 'Ada feels ill and goes home.',
    decidedBy: idOf(2),
    absent: idOf(1),
  })
})

test('giving it up asks who and why', async () => {
  const screen = await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(5)))
  await press(screen, 'Give it up…')
  await expect(screen.page.getByRole('button', { name: 'Sign and give it up' })).toBeDisabled()
  await screen.page.getByLabel('Why?').fill('The building is evacuated.')
  await host.inspect(screen, 'app-ceremony-cancel')
  await press(screen, 'Sign and give it up')
  await expectCall(screen, 'ceremony.cancel', {
    ceremony: idOf(600),
    person: idOf(1),
    reason: 'The building is evacuated.',
  })
})

test('closing: what is missing, and who signs', async () => {
  const last = ceremonies.script.length
  const owing = await openRunning(
    ceremonies.inCeremony(ceremonies.ceremonyAt(last, { unclassified: [idOf(301)] }), { owed: canned.afterUse.owed }),
  )
  await expect(owing.page.getByRole('button', { name: 'Write the minutes and sign' })).toBeDisabled()
  await host.inspect(owing, 'app-ceremony-closing-owed')
  const closing = await openRunning(ceremonies.inCeremony(ceremonies.ceremonyAt(last)))
  await host.inspect(closing, 'app-ceremony-closing')
  await press(closing, 'Write the minutes and sign')
  await expectCall(closing, 'ceremony.close', { ceremony: idOf(600) })
  const written = ceremonies.past[0]?.minutes
  const signing = await openRunning(
    ceremonies.inCeremony(
      ceremonies.ceremonyAt(last, {
        minutes: {
          hash: written?.hash ?? '',
          words: [...(written?.words ?? [])],
          signed: [idOf(1)],
          wanted: [1, 2, 4].map(idOf),
        },
      }),
    ),
  )
  await host.inspect(signing, 'app-ceremony-signing')
  // Somebody who can never sign any more must not leave it open for ever.
  await press(signing, 'Give it up…')
  await expect(signing.page.getByText(/^The minutes are written, and stay in the log/)).toBeVisible()
})

test('an open ceremony is named on every screen', async () => {
  const screen = await open(ceremonies.inCeremony(ceremonies.ceremonyAt(6)))
  await expect(screen.page.getByText('Step 7 of 14.')).toBeVisible()
  await host.inspect(screen, 'app-ceremony-elsewhere')
})

test('a change of people is made up, with what it changes beside it', async () => {
  const screen = await open(canned.ready)
  const { page } = screen
  await go(screen, 'People and safes')
  await press(screen, 'Change who holds what')
  await host.inspect(screen, 'app-change-start')
  await press(screen, 'Replace Edsger Dijkstra')
  await page.getByRole('textbox', { name: 'Who comes in place of Edsger Dijkstra?' }).fill('Barbara Liskov')
  await press(screen, 'Replace')
  await expect(page.getByText('Edsger Dijkstra leaves.')).toBeVisible()
  await expect(page.getByText('Barbara Liskov gets a share of “Production”.')).toBeVisible()
  await press(screen, 'Split it: Production')
  await page.getByLabel('Name of the new safe').fill('Cloud')
  await page.getByRole('group', { name: 'Which credentials go there?' }).getByText('AWS root account').click()
  await press(screen, 'Split')
  await expect(page.getByText('“Cloud” is a new safe (3 of 4); 1 credential goes there.')).toBeVisible()
  await host.inspect(screen, 'app-change-made')
  await press(screen, 'Prepare this change')
  await expect
    .poll(() =>
      page.evaluate(() => globalThis.halliganFake.calls.find(({ method }) => method === 'people.change')?.input),
    )
    .toMatchObject({ quorum: 3, moves: [{ credential: idOf(201) }] })
})

test('a change that is prepared: keys, signatures, discarding', async () => {
  const screen = await open({ ...canned.ready, change: ceremonies.changing })
  await go(screen, 'People and safes')
  await host.inspect(screen, 'app-people-changing')
  await press(screen, 'Go on with the change')
  await expect(screen.page.getByRole('button', { name: 'Sign and switch' })).toBeDisabled()
  await host.inspect(screen, 'app-change-missing')
  await press(screen, 'Enrol keys: Barbara Liskov')
  await expectCall(screen, 'people.enrol', { person: idOf(7), labels: ['Main key', 'Spare key'] })
  await press(screen, 'Bring a key: Grace Hopper')
  await expectCall(screen, 'people.enrol', { person: idOf(2), labels: [] })
  const ready = await open({ ...canned.ready, change: ceremonies.complete })
  await go(ready, 'People and safes')
  await press(ready, 'Go on with the change')
  await host.inspect(ready, 'app-change-complete')
  await press(ready, 'Sign and switch')
  await expectCall(ready, 'people.apply', {})
})

test('after somebody left: what is to be rotated', async () => {
  const screen = await open(canned.ready, { credentials: ceremonies.afterLeaver })
  await go(screen, 'People and safes')
  await host.inspect(screen, 'app-people-left')
})

test('proving and sealing anew under way', async () => {
  const base = { ...canned.sealing, refusals: [] }
  const at = (number: number) => ({ person: idOf(number), at: canned.inSeconds(-number), counts: true })
  const prove = {
    ...base,
    kind: 'prove' as const,
    stage: 'tap' as const,
    person: null,
    have: 1,
    need: 3,
    taps: [at(1)],
  }
  await host.inspect(await open({ ...canned.ready, operation: prove }), 'app-operation-prove')
  const reshare = { ...base, kind: 'reshare' as const, stage: 'working' as const, person: null, have: 412, need: 1000 }
  const screen = await open({ ...canned.ready, operation: reshare, change: ceremonies.complete })
  await expect(screen.page.getByText('412 of 1,000')).toBeVisible()
  await host.inspect(screen, 'app-operation-reshare')
})

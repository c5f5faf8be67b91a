/** Fields that are more than a text: recovery codes that are used up one by one, and a file. */
import { expect, test } from 'playwright/test'
import type { Page } from 'playwright'
import {
  keepPictures,
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  submitSeal,
  tapAll,
  waitForClosed,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries } from './journey/log.ts'
import { choose, fill, goTo, press, waitForOutcome } from './journey/screens.ts'
import { mainKey, type Person } from './journey/set-up.ts'

const codes = ['4f7k-92mm', 'x1c8-77ql', 'p0r3-55zz']
const file = Buffer.from([0x7f, 0x45, 0x4c, 0x46, ...Array.from({ length: 1230 }, (_, index) => index % 256)])

let halligan: Halligan
let custodians: readonly Person[]

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(120_000)
  halligan = await startHalligan()
  ;({ custodians } = await setUpSmallVault(halligan, { n: 2 }))
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

async function open(version?: RegExp): Promise<Page> {
  const wish = { credential: 'Recovery', by: custodians[0] as Person, seconds: '2 minutes' }
  await openRequest(halligan, { ...wish, ...(version === undefined ? {} : { version }) })
  if (version !== undefined) await expect(halligan.tap.getByText('Recovery, version 1 (the newest is 2)')).toBeVisible()
  await tapAll(halligan, custodians)
  return revealWindow(halligan)
}

/** Uses up one code; resolves with the one that is shown. */
async function useCode(reveal: Page, button: string): Promise<string> {
  await press(reveal, button)
  await press(reveal, 'Use one code now')
  await reveal.getByText(/^Code number/).waitFor()
  const shown = (await reveal.locator('.value').first().textContent()) ?? ''
  const found = codes.filter((code) => shown.replaceAll(/\s/g, '').includes(code))
  expect(found, 'exactly one code is on screen').toHaveLength(1)
  return found[0] as string
}

const burnedCodes = async (): Promise<readonly number[]> =>
  entriesOf(await readEntries(halligan.vaultDir), 'code.burned').map(({ data }) => data.code)

const hide = async (reveal: Page): Promise<void> => {
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
}

let first: string

test('uses one recovery code, and shows a file with its size in bytes', async () => {
  await sealCredential(halligan, {
    name: 'Recovery',
    kind: 'Recovery codes',
    by: custodians[0] as Person,
    fillForm: async (seal) => {
      await fill(seal, 'Recovery codes', codes.join('\n'))
      await press(seal, 'Add: File')
      const chosen = { name: 'token.bin', mimeType: 'application/octet-stream', buffer: file }
      await seal.locator('input[type=file]').setInputFiles(chosen)
      await seal.getByText(/^token\.bin, /).waitFor()
    },
  })
  const reveal = await open()
  await expect(reveal.getByText('3 unused codes left')).toBeVisible()
  first = await useCode(reveal, 'Show Recovery codes')
  await expect(reveal.getByText('2 unused codes left')).toBeVisible()
  await press(reveal, 'Show File')
  await expect(reveal.getByText('1,234 bytes, not text, shown as bytes')).toBeVisible()
  await expect(reveal.locator('.value-lines').last()).toContainText('00000000  7f 45 4c 46 00 01 02 03')
  await hide(reveal)
  expect(await burnedCodes()).toEqual([codes.indexOf(first)])
})

test('has two codes left when it is opened again, and never shows the first again', async () => {
  const reveal = await open()
  await expect(reveal.getByText('2 unused codes left')).toBeVisible()
  const second = await useCode(reveal, 'Show Recovery codes')
  const third = await useCode(reveal, 'Show another: Recovery codes')
  expect([first, second, third].toSorted()).toEqual(codes.toSorted())
  await expect(reveal.getByText('0 unused codes left')).toBeVisible()
  await expect(reveal.getByRole('button', { name: 'All used: Recovery codes' })).toBeDisabled()
  await hide(reveal)
  expect(await burnedCodes()).toEqual([first, second, third].map((code) => codes.indexOf(code)))
})

test('opens the version before when the newest is not in use yet, and its codes are still used up', async () => {
  const { app, launched, table } = halligan
  await goTo(app, 'Credentials')
  await press(app, 'Seal a new version: Recovery')
  await choose(app, 'Who seals it?', custodians[0]?.name ?? '')
  await press(app, 'Enter the secret')
  const seal = await launched.window('seal')
  await fill(seal, 'Recovery codes', 'n3w0-c0d3')
  await submitSeal(seal)
  await table.touch(mainKey(custodians[0] as Person))
  await waitForOutcome(app, /sealed/i)
  const reveal = await open(/^Version 1: if the system still has the old secret/)
  await expect(reveal.getByText('1 (the newest is 2)')).toBeVisible()
  await expect(reveal.getByText('0 unused codes left')).toBeVisible()
  await hide(reveal)
  expect(entriesOf(await readEntries(halligan.vaultDir), 'request.opened').at(-1)?.data.statement).toMatchObject({
    version: 1,
    newest: 2,
  })
})

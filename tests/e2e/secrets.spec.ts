/** P7: a planted secret is nowhere but where it was shown (SECURITY control 11). */
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { searchFiles, searchMemory } from '../support/search-for-secret.ts'
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
import { fill, press } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'

// Split, so that the test's own text in a process's memory is never what is found.
const sentinel = ['Sentinel', 'b41c9', 'never', 'at', 'rest'].join('~')
const runbook = ['Runbook', '77f0e', 'sealed', 'too'].join('~')

let halligan: Halligan

test.beforeAll(async () => {
  halligan = await startHalligan()
})
test.afterEach(async ({}, info) => {
  await keepPictures(halligan, info)
})
test.afterAll(async () => {
  await halligan.launched.close()
})

test('a planted secret is in no file, and in no memory of main, app window and vault process', async () => {
  test.setTimeout(240_000)
  test.skip(process.getuid?.() !== 0, 'reading the memory of other processes needs root')
  const { custodians } = await setUpSmallVault(halligan)
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: custodians[0] as Person,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      // Typed inside the page: Playwright's own protocol would carry a value through the main process.
      await typeInPage(seal, 'Password', sentinel)
      await typeInPage(seal, 'Runbook', runbook)
    },
  })
  await openRequest(halligan, { credential: 'Cloud root', by: custodians[0] as Person, seconds: '2 minutes' })
  await tapAll(halligan, [custodians[0], custodians[1]] as Person[])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await reveal.locator('body').waitFor()
  const pids = await halligan.launched.app.evaluate(({ app, BrowserWindow }) => {
    const rendererOf = (part: string): number =>
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().includes(part))
        ?.webContents.getOSProcessId() ?? 0
    const vault = app.getAppMetrics().find(({ name }) => name === 'Halligan vault')
    return {
      main: process.pid,
      app: rendererOf('/app/'),
      tap: rendererOf('/tap/'),
      reveal: rendererOf('/reveal/'),
      vault: vault?.pid ?? 0,
    }
  })
  // The search itself must work: where the secret is on screen, it is found.
  expect(searchMemory(pids.reveal, [sentinel])).toEqual([sentinel])
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
  for (const name of ['main', 'app', 'vault', 'tap'] as const)
    expect(searchMemory(pids[name], [sentinel, runbook]), `memory of ${name}`).toEqual([])
  expect(searchFiles(halligan.userDir, [sentinel, runbook])).toEqual([])
  expect(halligan.launched.output()).not.toContain(sentinel)
})

/**
 * Fills a field from a value that is put together inside the page. No element handle: the driver would describe it with
 * its value, by way of the main process.
 */
async function typeInPage(page: Page, label: string, value: string): Promise<void> {
  const done = await page.evaluate(
    ([name, parts]) => {
      const found = [...document.querySelectorAll('label')].find((one) => one.textContent.startsWith(name))
      const input = document.getElementById(found?.htmlFor ?? '')
      if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return false
      const prototype: object = Object.getPrototypeOf(input) as object
      Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(input, parts.join('~'))
      input.dispatchEvent(new Event('input', { bubbles: true }))
      return true
    },
    [label, value.split('~')] as const,
  )
  if (!done) throw new Error(`no field ${label}`)
}

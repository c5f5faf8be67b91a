/** Without a network the alert leaves with the people: a code on the screen, read back from the screen, and verified. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { appDirOf } from '../../build/paths.ts'
import { findReasonToSkip, wantedServers } from '../support/servers/packages.ts'
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
import { fill, pick, press } from './journey/screens.ts'
import { readCode, readLink } from './support/read-code.ts'

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

const scan = async (page: Page): Promise<string> =>
  readCode(await page.getByRole('img', { name: 'QR code of the alert' }).screenshot())

function verifyAlert(text: string): { readonly code: number | null; readonly out: string } {
  const argv = [path.join(appDirOf('dev'), 'cli.cjs'), 'verify-alert', '--vault', halligan.vaultDir, '-']
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { input: text, encoding: 'utf8' })
  return { code: status, out: stdout + stderr }
}

test('a code on the screen tells security, and every phone sends the same words', async () => {
  test.setTimeout(180_000)
  const poppler = await findReasonToSkip(wantedServers.poppler)
  const { app, exportDir } = halligan
  const { custodians, requester } = await setUpSmallVault(halligan, { n: 2 })
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: custodians[0]!,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'correct-horse-7731')
    },
  })
  const reason = 'Down: "quotes", <b>markup</b>, @channel, \u{1f525}'
  await openRequest(halligan, { credential: 'Cloud root', by: requester, reason, seconds: '1 minute' })

  await press(app, 'Tell security now')
  const shown = (await app.getByLabel('The alert as text').textContent()) ?? ''
  expect(shown).toContain('HALLIGAN ALERT 1 OPENED\nVault: Test vault\nWhat: Cloud root\nWho: Rita Okafor\n')
  expect(shown).toContain(`Why: ${reason}`)
  const links: string[] = []
  for (const way of ['Text message', 'Mail', 'Plain text']) {
    await pick(app, way)
    await expect.poll(() => scan(app).catch(() => 'unread')).not.toBe(links.at(-1) ?? 'unread')
    const link = await scan(app)
    expect(readLink(link)).toBe(shown)
    links.push(link)
  }
  expect(links.map((link) => /^(sms|mailto):/.exec(link)?.[1] ?? 'plain')).toEqual(['sms', 'mailto', 'plain'])

  const genuine = verifyAlert(shown)
  expect(genuine.out).toContain('The log agrees')
  expect(genuine.code).toBe(0)
  const changed = verifyAlert(shown.replace('Rita', 'Rito'))
  expect(changed.out).toContain('NOT GENUINE')
  expect(changed.code).toBe(1)

  await press(app, 'Save as a slip to print')
  await app.getByText(/^Saved as .*halligan-alert-slip\.pdf\.$/).waitFor()
  if (poppler === null) {
    const slip = path.join(exportDir, 'halligan-alert-slip.pdf')
    const { stdout } = spawnSync('pdftoppm', ['-r', '150', '-gray', '-png', '-singlefile', slip], {
      maxBuffer: 2 ** 26,
    })
    expect(verifyAlert(readCode(stdout)).code).toBe(0)
    expect(readFileSync(slip).subarray(0, 5).toString()).toBe('%PDF-')
  }
  await press(app, 'Close')

  await tapAll(halligan, [requester, ...custodians])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Tell security now')
  await pick(reveal, 'Plain text')
  const granted = (await reveal.getByLabel('The alert as text').textContent()) ?? ''
  expect(granted).toContain('HALLIGAN ALERT 1 GRANTED')
  await expect.poll(() => scan(reveal).catch(() => '')).toBe(granted)
  expect(verifyAlert(granted)).toMatchObject({ code: 0 })
  await press(reveal, 'Close')
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
})

/** verify.html as an auditor opens it: from a file, in Debian's Chromium, with the network off. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { bundleVerifiers } from '../../build/bundle-verifier.ts'
import { ensureSystemBrowser } from '../../build/system-browser.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import {
  describeCompleteness,
  describeFacts,
  describeIntegrity,
  describeProblems,
} from '../../shared/audit/report-sentences.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import { verifyExport } from '../../shared/audit/verify-export.ts'
import { placeOf, type Files } from '../support/export-files.ts'
import { knownOf } from '../support/tamper-case.ts'
import { makeOddArchives } from '../support/tamper-archive.ts'
import { makeTamperCorpus } from '../support/tamper-corpus.ts'
import { expectAccessible } from './journey/axe.ts'

/** A slice looks at one case in this many, the campaign at all. */
const stride = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1 : 4
const corpus = makeTamperCorpus()

let dir: string
let browser: Browser
let page: Page
let address: string
const requested: string[] = []
const complaints: string[] = []

test.beforeAll(async () => {
  const executablePath = await ensureSystemBrowser()
  test.skip(executablePath === null, 'needs a browser of the system: apt-get install chromium')
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-verify-'))
  await bundleVerifiers(dir, '0.0.0+test')
  address = pathToFileURL(path.join(dir, 'verify.html')).href
  browser = await chromium.launch({ executablePath: executablePath ?? '' })
  const context = await browser.newContext({ offline: true })
  page = await context.newPage()
  page.on('request', (request) => requested.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
})

test.afterAll(async () => {
  await (browser as Browser | undefined)?.close()
  if ((dir as string | undefined) !== undefined) rmSync(dir, { recursive: true, force: true })
})

test.beforeEach(async () => {
  await page.goto(address)
})

function lay(name: string, files: Files): string {
  const folder = path.join(dir, name)
  mkdirSync(folder)
  for (const [file, bytes] of files) writeFileSync(path.join(folder, file), bytes)
  return folder
}

function pack(folder: string): string {
  execFileSync('tar', ['-cf', `${folder}.tar`, '-C', path.dirname(folder), path.basename(folder)])
  return `${folder}.tar`
}

/** Everything that the page says of a report. */
async function readResult(): Promise<string> {
  await page.getByRole('button', { name: 'Verify' }).click()
  const result = page.getByRole('region', { name: 'Result' })
  await expect(result).toBeFocused()
  return result.innerText()
}

function expectSaid(said: string, report: VerifyReport): void {
  const [integrity, meaning] = describeIntegrity(report)
  const [completeness, more] = describeCompleteness(report)
  const lines = said.split('\n').map((line) => line.trim())
  for (const line of [`Integrity: ${integrity}`, meaning, `Completeness: ${completeness}`, more]) {
    expect(lines).toContain(line)
  }
  for (const line of [...describeProblems(report), ...describeFacts(report)]) {
    // White space is the browser's to fold.
    expect(lines.map((one) => one.replaceAll(/\s+/g, ' '))).toContain(line.replaceAll(/\s+/g, ' ').trim())
  }
}

for (const [at, one] of corpus.entries()) {
  if (at % stride !== 0) continue
  test(`the same verdicts as the command line: ${one.name}`, async () => {
    const report = await verifyExport(nodePrimitives, placeOf(one.files), {
      ...knownOf(one),
      createHash: () => createHash('sha256'),
    })
    const folder = lay(`case-${String(at)}`, one.files)
    if (one.known !== null) {
      const file = path.join(dir, `known-${String(at)}`)
      writeFileSync(file, one.known)
      await page.locator('#known').setInputFiles(file)
    }
    if (one.knownWords !== undefined) {
      await page.locator('#words').fill(one.knownWords.words.join(' '))
      await page.locator('#size').fill(String(one.knownWords.size))
    }
    await page.locator('#folder').setInputFiles(folder)
    expectSaid(await readResult(), report)
    await page.locator('#archive').setInputFiles(pack(folder))
    expectSaid(await readResult(), report)
  })
}

const alertLines = [
  'HALLIGAN ALERT 1 OPENED',
  'Vault: Elsewhere',
  'What: Cloud root',
  'Who: Rita Okafor',
  'Why: <b>down</b>',
  'At: 2026-11-23T21:07:36Z',
  'Until: 2026-11-23T21:37:36Z',
  'Station: Desk 3',
  'Entry: 12',
  'Head: 14 apple brick cobra dune',
  `Sig: AAAAAAAA.${'A'.repeat(86)}`,
]

test('an alert text is held against the export, and never becomes markup', async () => {
  const [honest] = corpus
  await page.locator('#folder').setInputFiles(lay('for-an-alert', honest!.files))
  await page.locator('#alert').fill('Somebody is at the safe!')
  expect(await readResult()).toContain('NOT GENUINE')
  await page.locator('#alert').fill(alertLines.join('\n'))
  const said = await readResult()
  expect(said).toContain('the key that it names is not in this log')
  expect(said).toContain('<b>down</b>')
  expect(said).toContain('Integrity: INTACT')
})

test('is used with the keyboard alone, and axe finds nothing, light or dark', async () => {
  const [honest] = corpus
  const forged = corpus.find(({ exit }) => exit === 1)
  await expectAccessible(page, 'verify.html, empty')
  await page.locator('#folder').setInputFiles(lay('honest', honest!.files))
  await page.locator('#folder').focus()
  for (let step = 0; step < 6; step++) await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Verify' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Integrity: INTACT' })).toBeVisible()
  await expectAccessible(page, 'verify.html, intact')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('#archive').setInputFiles(pack(lay('forged', forged!.files)))
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByRole('heading', { name: 'Integrity: BROKEN' })).toBeVisible()
  await expectAccessible(page, 'verify.html, broken, dark')
  await page.emulateMedia({ media: 'print', colorScheme: null })
  await expect(page.locator('form')).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Integrity: BROKEN' })).toBeVisible()
  await page.emulateMedia({ media: null })
})

test('says plainly what is no export', async () => {
  const empty = path.join(dir, 'no-export')
  mkdirSync(empty)
  writeFileSync(path.join(empty, 'a.txt'), 'a')
  await page.locator('#folder').setInputFiles(empty)
  expect(await readResult()).toContain('There is no export in what you chose')
  for (const [, bytes] of makeOddArchives(corpus[0]!.files)) {
    await page
      .locator('#archive')
      .setInputFiles({ name: 'odd.tar', mimeType: 'application/x-tar', buffer: Buffer.from(bytes) })
    expect(await readResult()).toContain('There is no export in what you chose')
  }
  await page.locator('#archive').setInputFiles(path.join(empty, 'a.txt'))
  expect(await readResult()).toContain('There is no export in what you chose')
})

test('what was dropped is read as what was chosen', async () => {
  const [honest] = corpus
  const text = [...honest!.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')] as const)
  await page.evaluate((files) => {
    const transfer = new DataTransfer()
    for (const [name, content] of files) transfer.items.add(new File([content], name))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }))
  }, text)
  await expect(page.locator('#chosen')).toContainText(`${String(text.length)} files`)
  expect(await readResult()).toContain('Integrity: INTACT')
})

test('asks for nothing but itself, and could not', async () => {
  const refused = await page.evaluate(async () => {
    const seen: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective))
    await fetch('data:,x').catch(() => undefined)
    const image = new Image()
    image.src = 'data:image/png;base64,AAAA'
    const script = document.createElement('script')
    script.textContent = 'window.injected = true'
    document.body.append(image, script)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return { seen: seen.sort(), injected: 'injected' in window }
  })
  expect(refused).toEqual({ seen: ['connect-src', 'img-src', 'script-src-elem'], injected: false })
  expect(new Set(requested.filter((url) => !url.startsWith('data:')))).toEqual(new Set([address]))
  const ours = complaints.filter((text) => !/data:|inline script/.test(text))
  expect(ours).toEqual([])
})

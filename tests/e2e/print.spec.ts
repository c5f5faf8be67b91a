/** Documents on paper: the real main process and print page make the PDFs, poppler says what is in them. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { makeUserDir } from '../../build/prepare-run.ts'
import type { Printed } from '../../shared/contracts/print.ts'
import { preparedRun } from './launch.ts'
import { findReasonToSkip, wantedServers } from '../support/servers/packages.ts'
import { cannedKit, cannedMinutes, cannedScript } from './support/canned-documents.ts'
import { buildStage, launchStage, type RunningStage } from './support/stage.ts'

let stage: RunningStage
let dir: string

test.describe('printing', () => {
  test.beforeAll(async () => {
    // Installing may take a minute on a fresh machine.
    test.setTimeout(180_000)
    const missing = await findReasonToSkip(wantedServers.poppler)
    test.skip(missing !== null, missing ?? '')
    const run = preparedRun()
    dir = makeUserDir(run)
    stage = await launchStage(await buildStage(run), { args: [`--export-dir=${dir}`] })
  })
  test.afterAll(() => stage.close())

  async function print(printed: Printed): Promise<string> {
    const { output, code } = await stage.drive({ as: 'vault', call: 'printDocument', input: printed })
    expect(code).toBeUndefined()
    const file = path.join(dir, `halligan-${printed.document}.pdf`)
    expect(output).toEqual({ path: file })
    return file
  }
  const infoOf = (file: string): string => execFileSync('pdfinfo', [file], { encoding: 'utf8' })
  const textOf = (file: string): string =>
    execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }).replaceAll(/\s+/g, ' ')
  const pagesOf = (info: string): number => Number(/^Pages:\s+(\d+)/m.exec(info)?.[1])

  test('minutes: tagged, about twelve steps a page, everything in them', async () => {
    const printed = cannedMinutes(48)
    const file = await print(printed)
    const info = infoOf(file)
    expect(info).toMatch(/^Tagged:\s+yes/m)
    expect(info).toMatch(/^Title:\s+Minutes of a ceremony/m)
    // Four pages of steps, and what stands before and after them.
    expect(pagesOf(info)).toBeGreaterThanOrEqual(5)
    expect(pagesOf(info)).toBeLessThanOrEqual(7)
    const text = textOf(file)
    const plain = text.replaceAll(' ', '')
    for (const step of printed.minutes.steps) expect(plain).toContain(step.title.replaceAll(' ', ''))
    for (const { what } of printed.minutes.exceptions) expect(plain).toContain(what.replaceAll(' ', ''))
    expect(text).toContain('▲ WITH EXCEPTION')
    expect(text).toContain('Signed by taps of Ada Lovelace, Grace Hopper, Katherine Johnson, Margaret Hamilton.')
    expect(text).toContain('ivory jelly kayak lemon')
    // The table's head is repeated on every page that the steps run over.
    expect(text.match(/What was done/g)?.length).toBeGreaterThanOrEqual(4)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('a script has boxes to fill in, a kit has names and nothing else', async () => {
    const script = textOf(await print(cannedScript(24)))
    expect(script).toContain('Seal the new version of credential 24')
    expect(script).toContain('Exceptions (what happened, who decided)')
    const kit = await print(cannedKit)
    expect(pagesOf(infoOf(kit))).toBeLessThanOrEqual(2)
    const text = textOf(kit)
    for (const { name } of cannedKit.call) expect(text).toContain(name)
    expect(text).toContain('3 of 5 custodians')
    expect(text).toContain('mango night ocean piano')
  })

  test('what people wrote stays text', async () => {
    const printed = cannedMinutes(1)
    const [step] = printed.minutes.steps
    const wild = `<img src=x onerror=alert(1)> "quoted" 'x' & \u{1f525} </table>`
    const file = await print({
      ...printed,
      minutes: { ...printed.minutes, steps: [{ ...step!, title: wild }] },
    })
    expect(textOf(file).replaceAll(' ', '')).toContain('<imgsrc=xonerror=alert(1)>"quoted"')
  })

  test('its windows are gone afterwards, and nothing half-written is left', async () => {
    expect(stage.openWindows('print')).toEqual([])
    expect(readdirSync(dir).filter((name) => name.endsWith('.new'))).toEqual([])
    const windows = await stage.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
    expect(windows).toBe(1)
  })

  test('a document that is none is refused', async () => {
    const { code } = await stage.drive({
      as: 'vault',
      call: 'printDocument',
      input: { ...cannedKit, secret: 'not in the schema' },
    })
    expect(code).toBe('MESSAGE_INVALID')
  })
})

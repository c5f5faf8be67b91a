/** Control 21: a copied secret leaves the clipboard on time, at the window's end and at quit, and only if it is still ours. */
import { execFileSync, spawn } from 'node:child_process'
import { expect, test } from 'playwright/test'
import { hasCommand } from '../../../build/run-command.ts'
import { preparedRun } from '../launch.ts'
import { anOperation, buildStage, launchStage, type RunningStage } from '../support/stage.ts'

/** Reads and owns the X11 clipboard as another program would. */
const program = 'xclip'
const marker = 'M'.repeat(22)
const secret = 'correct horse battery staple'
const env = (): Record<string, string> => ({ ...preparedRun().env })

function readClipboard(): string | null {
  try {
    return execFileSync(program, ['-selection', 'clipboard', '-out'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    }).toString()
  } catch {
    return null
  }
}

/** Another program copies: it owns the selection for as long as it lives. */
function copyElsewhere(text: string): () => void {
  const owner = spawn(program, ['-selection', 'clipboard', '-in', '-quiet'], {
    env: env(),
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  owner.stdin.end(text)
  return () => owner.kill()
}

test.describe('a copied secret', () => {
  test.skip(process.platform !== 'linux' || !hasCommand(program), 'needs X11 and xclip')
  let appDir: string
  let stage: RunningStage

  test.beforeAll(async () => {
    appDir = await buildStage(preparedRun())
  })
  test.beforeEach(async () => {
    stage = await launchStage(appDir)
    await stage.startOperation()
    await stage.openPage('reveal')
  })
  test.afterEach(() => stage.close())

  /** As the reveal page does it: no permission, a copy handler, the marker beside the text. */
  async function copySecret(clearAfterMs: number): Promise<void> {
    await stage.drive({
      as: 'strongroom',
      operation: anOperation,
      call: 'clipboardMarked',
      input: { marker, clearAfterMs },
    })
    const page = await stage.window('reveal')
    await page.mouse.click(20, 20)
    const copied = await page.evaluate(
      ({ text, mark }) => {
        document.addEventListener(
          'copy',
          (event) => {
            event.preventDefault()
            event.clipboardData?.setData('text/plain', text)
            event.clipboardData?.setData('application/x-halligan-marker', mark)
          },
          { once: true },
        )
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- as the reveal page has to
        return document.execCommand('copy')
      },
      { text: secret, mark: marker },
    )
    expect(copied).toBe(true)
    await expect.poll(readClipboard).toBe(secret)
  }

  test('is cleared when its time is over', async () => {
    await copySecret(1500)
    await expect.poll(readClipboard, { timeout: 5000 }).toBeNull()
  })

  test('is not cleared when something else was copied meanwhile', async () => {
    await copySecret(1000)
    const stop = copyElsewhere('a shopping list')
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect(readClipboard()).toBe('a shopping list')
    stop()
  })

  test('is cleared when its window’s operation ends', async () => {
    await copySecret(60_000)
    await stage.drive({ as: 'vault', call: 'endStrongroom', input: { operation: anOperation, reason: 'time-elapsed' } })
    expect(readClipboard()).toBeNull()
  })

  test('is cleared when the app quits', async () => {
    await copySecret(60_000)
    await stage.close()
    expect(readClipboard()).toBeNull()
  })

  test('is never read by main: it looks for the marker only', async () => {
    await stage.app.evaluate(({ clipboard }) => {
      const spied = globalThis as unknown as { reads: string[] }
      spied.reads = []
      for (const name of ['readText', 'readHTML', 'readRTF', 'read', 'readBuffer'] as const) {
        const methods = clipboard as unknown as Record<string, (...options: unknown[]) => unknown>
        const original = methods[name]
        if (original === undefined) continue
        methods[name] = (...options) => {
          spied.reads.push(`${name} ${String(options[0])}`)
          return original.apply(clipboard, options)
        }
      }
    })
    await copySecret(500)
    await expect.poll(readClipboard, { timeout: 5000 }).toBeNull()
    const reads = await stage.app.evaluate(() => (globalThis as unknown as { reads: string[] }).reads)
    expect(reads.length).toBeGreaterThan(0)
    for (const read of reads) expect(read).toMatch(/web-custom-data|Web Custom/)
  })
})

/** What the demonstration writes: one line and one report entry per step, a picture where there is something to see. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright'

interface Step {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly error?: string
}

/** report.json of `npm run demo`. */
export interface DemoReport {
  /** True when the demonstration came to its end and every step did what it should. */
  readonly ok: boolean
  /** What ended it early, be it in a step or between two. */
  readonly error: string | null
  readonly steps: readonly Step[]
  /** From the browser's answer to the last tap until the first secret stands on screen, a click included, milliseconds. */
  readonly unsealMs: number | null
  readonly versions: Readonly<Record<string, string>>
  readonly networkBlock: string
  readonly screenshots: readonly string[]
  readonly export: string | null
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Collects steps; each prints a line when it ends. */
export class DemoRecorder {
  readonly #outDir: string
  readonly #steps: Step[] = []
  readonly #screenshots: string[] = []
  versions: Record<string, string> = {}
  unsealMs: number | null = null
  exportPath: string | null = null
  networkBlock = ''
  #error: string | null = 'ended before its end'
  /** The windows to take pictures of when a step fails. */
  watched: () => readonly Page[] = () => []

  constructor(outDir: string) {
    this.#outDir = outDir
    mkdirSync(path.join(outDir, 'screenshots'), { recursive: true })
    this.write()
  }

  /** Runs one step. A step that fails ends the demonstration: what follows would only fail for the same reason. */
  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    const started = performance.now()
    try {
      const result = await run()
      this.#end({ name, ok: true, ms: Math.round(performance.now() - started) })
      return result
    } catch (error) {
      this.#end({ name, ok: false, ms: Math.round(performance.now() - started), error: messageOf(error) })
      for (const [index, page] of this.watched().entries())
        await this.picture(page, `failed-${String(index)}`).catch(() => undefined)
      throw error
    }
  }

  /** Takes a picture of `page`. */
  async picture(page: Page, name: string): Promise<void> {
    const file = path.join('screenshots', `${name}.png`)
    await page.screenshot({ path: path.join(this.#outDir, file) })
    this.#screenshots.push(file)
  }

  /** The demonstration came to its end: without this the report is not ok, however green its steps. */
  finish(): void {
    this.#error = null
  }

  /** What ended the demonstration early. */
  fail(error: unknown): void {
    this.#error = messageOf(error)
  }

  /** Writes report.json as things stand, and returns it. */
  write(): DemoReport {
    const report: DemoReport = {
      ok: this.#error === null && this.#steps.every(({ ok }) => ok),
      error: this.#error,
      steps: this.#steps,
      unsealMs: this.unsealMs,
      versions: this.versions,
      networkBlock: this.networkBlock,
      screenshots: this.#screenshots,
      export: this.exportPath,
    }
    writeFileSync(path.join(this.#outDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    return report
  }

  #end(step: Step): void {
    this.#steps.push(step)
    // Now: what the driver throws past us (a program that cannot be started) leaves no later moment.
    this.write()
    const mark = step.ok ? '✓' : '✗'
    process.stdout.write(`  ${mark} ${step.name} (${String(step.ms)} ms)\n`)
  }
}

/** From the start of the process to a window that answers, against an empty window on the same Electron. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { makeUserDir, prepareRun, type RunSettings } from '../../build/prepare-run.ts'
import { launchApp } from '../e2e/launch.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 15 : 7
const allowedExtraMs = 400

/** The least that opens a window: the yardstick. */
function writeEmptyApp(dir: string): void {
  mkdirSync(dir)
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', main: 'main.cjs' }))
  writeFileSync(path.join(dir, 'index.html'), '<!doctype html><title>Empty</title><h1>Empty</h1>\n')
  writeFileSync(
    path.join(dir, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron')
app.enableSandbox()
app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false, width: 1280, height: 800 })
  window.once('ready-to-show', () => window.show())
  window.loadFile(__dirname + '/index.html')
})
`,
  )
}

/** Milliseconds from spawning the process until the window shows its heading. */
async function measureStart(run: RunSettings, userDir: string): Promise<number> {
  const start = performance.now()
  const launched = await launchApp({ run, userDir })
  const page = await launched.app.firstWindow()
  await page.locator('h1').first().waitFor()
  const elapsed = performance.now() - start
  await launched.close()
  return elapsed
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN

async function run(): Promise<BenchRow[]> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'halligan-bench-'))
  const emptyApp = path.join(work, 'empty')
  writeEmptyApp(emptyApp)
  const ours = await prepareRun({ flavour: 'dev' })
  const empty = await prepareRun({ flavour: 'dev', appSource: emptyApp })
  try {
    const [ourDir, emptyDir] = [makeUserDir(ours), makeUserDir(empty)]
    const [ourTimes, emptyTimes]: [number[], number[]] = [[], []]
    // In turns, so that whatever else the machine does falls on both; the first of each warms the disk.
    for (let i = 0; i <= runs; i++) {
      const mine = await measureStart(ours, ourDir)
      const yardstick = await measureStart(empty, emptyDir)
      if (i === 0) continue
      ourTimes.push(mine)
      emptyTimes.push(yardstick)
    }
    ourTimes.sort((a, b) => a - b)
    emptyTimes.sort((a, b) => a - b)
    const row = (name: string, q: number): BenchRow & { against: number } => {
      const [value, against] = [quantile(ourTimes, q), quantile(emptyTimes, q)]
      return { name, value, unit: 'ms', against, ratio: value / against }
    }
    const median = row('start to usable, median', 0.5)
    const target = `<= empty window + ${String(allowedExtraMs)} ms`
    // The slowest of a few starts says more about the machine than about us: shown, not promised.
    return [
      { ...median, target, met: median.value <= median.against + allowedExtraMs },
      row('start to usable, slowest', 1),
    ]
  } finally {
    ours.dispose()
    empty.dispose()
    rmSync(work, { recursive: true, force: true })
  }
}

const bench: Bench = { name: 'Start', run }
export default bench

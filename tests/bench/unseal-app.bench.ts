/**
 * In the real app: from the browser's answer to the last tap until a field's plaintext stands in the reveal window's
 * document, both moments taken inside the pages, the click on "Show" made by the page itself.
 */
import type { Page } from 'playwright'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { prepareRun } from '../../build/prepare-run.ts'
import {
  openRequest,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  waitForClosed,
  type Halligan,
} from '../e2e/journey/halligan.ts'
import { fill, press } from '../e2e/journey/screens.ts'
import { mainKey, type Person } from '../e2e/journey/set-up.ts'

const rounds = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 40 : 12
const targetMs = 50

/** Remembers, over the page's reloads, when its latest touch settled. */
const watchTouches = (tap: Page): Promise<void> =>
  tap.evaluate(() => {
    new MutationObserver(() => {
      sessionStorage.setItem('settled', String(performance.timeOrigin + performance.now()))
    }).observe(document.documentElement, { attributes: true, attributeFilter: ['data-touches'] })
  })

/** Presses "Show Password" the moment it is there, and remembers when a value stands in the document. */
const watchReveal = (reveal: Page): Promise<void> =>
  reveal.evaluate(() => {
    // No named function here: the TypeScript runner would wrap it in a helper that the page does not have.
    new MutationObserver(() => {
      document.querySelector<HTMLButtonElement>('button[aria-label="Show Password"]')?.click()
      if (document.querySelector('.value') !== null && sessionStorage.getItem('shown') === null)
        sessionStorage.setItem('shown', String(performance.timeOrigin + performance.now()))
    }).observe(document.documentElement, { childList: true, subtree: true, attributes: true })
    document.documentElement.dataset['watched'] = 'yes'
  })

const readTime = async (page: Page, name: string): Promise<number> => {
  await page.waitForFunction((key) => sessionStorage.getItem(key) !== null, name, { polling: 20, timeout: 10_000 })
  return Number(await page.evaluate((key) => sessionStorage.getItem(key), name))
}

async function measureOnce(halligan: Halligan, first: Person, last: Person): Promise<number> {
  await openRequest(halligan, { credential: 'Bench', by: first, seconds: '1 minute' })
  await halligan.table.touch(mainKey(first))
  // Prepared unseen while people tap.
  const reveal = await halligan.launched.window('reveal')
  await watchReveal(reveal)
  await halligan.tap.getByRole('button', { name: 'Touch now' }).waitFor()
  await watchTouches(halligan.tap)
  await halligan.table.touch(mainKey(last))
  const shown = await readTime(reveal, 'shown')
  const settled = await readTime(halligan.tap, 'settled')
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /The window is closed/)
  return shown - settled
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

async function run(): Promise<BenchRow[]> {
  const prepared = await prepareRun({ flavour: 'dev' })
  const halligan = await startHalligan({ run: prepared })
  try {
    const { custodians } = await setUpSmallVault(halligan, { n: 2, threshold: 2 })
    const [first, last] = custodians
    if (first === undefined || last === undefined) throw new Error('two custodians are needed')
    await sealCredential(halligan, {
      name: 'Bench',
      kind: 'Login',
      by: first,
      fillForm: async (seal) => {
        await fill(seal, 'User name', 'root')
        await fill(seal, 'Password', 'bench-secret')
      },
    })
    const times: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const time = await measureOnce(halligan, first, last)
      if (round > 0) times.push(time)
    }
    const median = quantile(times, 0.5)
    return [
      {
        name: 'last tap answered -> plaintext in the reveal window, median',
        value: median,
        unit: 'ms',
        target: `<= ${String(targetMs)} ms`,
        met: median <= targetMs,
      },
      { name: 'the same, p95', value: quantile(times, 0.95), unit: 'ms' },
    ]
  } finally {
    await halligan.launched.close()
    prepared.dispose()
  }
}

const bench: Bench = { name: 'Unseal in the real app', run }
// The runner takes each benchmark's default export.
export default bench

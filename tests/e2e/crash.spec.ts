/** The machine loses the app at any moment: what was sealed is whole, what was not is not there, the log is intact. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'playwright/test'
import {
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  tapAll,
  type Halligan,
} from './journey/halligan.ts'
import { entriesOf, readEntries, readRows } from './journey/log.ts'
import { fill, goTo, press } from './journey/screens.ts'
import type { Person } from './journey/set-up.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 12 : 4
const firstSeed = 20_260

/** Numbers in [0, 1) that are the same in every run of a seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const seal = (halligan: Halligan, name: string, by: Person): Promise<void> =>
  sealCredential(halligan, {
    name,
    kind: 'Login',
    by,
    fillForm: async (page) => {
      await fill(page, 'User name', 'root')
      await fill(page, 'Password', 'crash-secret')
    },
  })

async function breakGlass(halligan: Halligan, custodians: readonly Person[]): Promise<void> {
  await openRequest(halligan, { credential: 'Before', by: custodians[0] as Person, seconds: '2 minutes' })
  await tapAll(halligan, custodians)
  await press(await revealWindow(halligan), 'Show Password')
}

/** Kills the main process `afterMs` into `work`, and waits until no process of the app is left. */
async function killDuring(halligan: Halligan, work: () => Promise<void>, afterMs: number): Promise<void> {
  const pids = await halligan.launched.app.evaluate(({ app }) => ({
    main: process.pid,
    others: app.getAppMetrics().map(({ pid }) => pid),
  }))
  const working = work().then(
    () => true,
    () => false,
  )
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  const late = await halligan.launched.app
    .evaluate(({ app }) => app.getAppMetrics().map(({ pid }) => pid))
    .catch((): number[] => [])
  process.kill(pids.main, 'SIGKILL')
  await working
  const all = [pids.main, ...pids.others, ...late]
  // Nobody is left who could go on writing, or who holds a secret.
  await expect.poll(() => all.filter(isAlive), { timeout: 15_000 }).toEqual([])
}

/** The command line's word, and nothing half-done in the tables. Returns the names of what is sealed. */
async function expectWhole(vaultDir: string): Promise<readonly string[]> {
  const answer = spawnSync(process.execPath, ['out/dev/cli.cjs', 'verify', vaultDir, '--json'], { encoding: 'utf8' })
  expect(answer.status, answer.stdout + answer.stderr).toBe(0)
  expect(JSON.parse(answer.stdout)).toMatchObject({ integrity: { verdict: 'intact' } })
  const sealed = entriesOf(await readEntries(vaultDir), 'credential.sealed').map(({ data }) => data)
  const records = await readRows<{ credential: string; shares: number }>(
    vaultDir,
    `SELECT r.credential, count(s.idx) AS shares FROM records r LEFT JOIN shares s USING (credential, version)
     GROUP BY r.credential, r.version ORDER BY r.credential`,
  )
  const ids = sealed.map(({ credential }) => credential).toSorted()
  expect(records).toEqual(ids.map((credential) => ({ credential, shares: 2 })))
  return sealed.map(({ name }) => name)
}

for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run
  const during = run % 2 === 0 ? 'sealing' : 'a request'
  const afterMs = Math.round(createRandom(seed)() * (run % 2 === 0 ? 2600 : 3600))
  test(`killed ${String(afterMs)} ms into ${during} (seed ${String(seed)}): intact, whole, and opens again`, async () => {
    test.setTimeout(120_000)
    const halligan = await startHalligan()
    const { userDir, vaultDir } = halligan
    try {
      const { custodians } = await setUpSmallVault(halligan, { n: 2 })
      const [first] = custodians
      if (first === undefined) throw new Error('no custodian')
      await seal(halligan, 'Before', first)
      const work = (): Promise<void> =>
        during === 'sealing' ? seal(halligan, 'During', first) : breakGlass(halligan, custodians)
      await killDuring(halligan, work, afterMs)
    } finally {
      await halligan.launched.close()
    }
    const names = await expectWhole(vaultDir)
    expect(names).toContain('Before')

    const again = await startHalligan({ userDir })
    try {
      const { app } = again
      await app.getByRole('heading', { name: 'Credentials', level: 1 }).waitFor({ timeout: 20_000 })
      for (const name of names) await expect(app.getByRole('button', { name: `Break glass: ${name}` })).toBeEnabled()
      await expect(app.getByRole('button', { name: /^Break glass: / })).toHaveCount(names.length)
      expect(again.launched.openWindows('reveal')).toEqual([])
      await goTo(app, 'Timeline')
      await press(app, 'Verify now')
      await app.getByText(/^Checked:/).waitFor({ timeout: 20_000 })
      await expect(app.locator('.notice.bad')).toHaveCount(0)
    } finally {
      await again.launched.close()
    }
    const closed = entriesOf(await readEntries(vaultDir), 'app.closed').map(({ data }) => data.reason)
    expect(closed).toEqual(['crash-recovered', 'quit'])
    expect(await expectWhole(vaultDir)).toEqual(names)
  })
}

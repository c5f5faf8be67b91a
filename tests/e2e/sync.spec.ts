/** The real app with a vault that syncs to a folder: its courier process starts, and what it brings there verifies. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import type { ElectronApplication } from 'playwright'
import { makeUserDir } from '../../build/prepare-run.ts'
import { giveTo, type UserId } from '../../build/unprivileged-user.ts'
import { verifyFolder } from '../../electron/cli/verify-command.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { makePlace, openWorld } from '../support/vault-place.ts'
import { signSinks } from '../support/sync-host.ts'
import { seal, setUp } from '../support/vault-steps.ts'
import { newId } from '../support/vault-world.ts'
import { readEntries } from './journey/log.ts'
import { launchApp, preparedRun } from './launch.ts'

/** A vault as people would have set it up, for the app that is about to start. */
async function makeVault(dir: string, share: string, user: UserId | null): Promise<void> {
  const place = makePlace()
  const world = openWorld(place, systemClock)
  const ready = await setUp(world)
  await seal(world, ready)
  await signSinks(world, ready, [{ id: newId(), name: 'Share', kind: 'folder', path: share }])
  await world.close()
  cpSync(place.dir, dir, { recursive: true })
  chmodSync(dir, 0o700)
  place.remove()
  for (const file of [dir, ...readdirSync(dir).map((name) => path.join(dir, name))]) giveTo(user, file)
}

const courierPid = async (app: ElectronApplication): Promise<number | undefined> =>
  (await app.evaluate(({ app: main }) => main.getAppMetrics())).find(({ name }) => name === 'Halligan courier')?.pid

test('the log reaches a share by itself, also after the courier was killed, and verifies there', async () => {
  test.setTimeout(120_000)
  const run = preparedRun()
  const userDir = makeUserDir(run)
  const vaultDir = path.join(userDir, 'vault')
  const mount = makeUserDir(run)
  const share = path.join(mount, 'share')
  mkdirSync(share)
  giveTo(run.userId, share)
  await makeVault(vaultDir, share, run.userId)

  const copy = (): string => path.join(share, existsSync(share) ? (readdirSync(share)[0] ?? 'none') : 'none')
  const copied = (): number => {
    const file = path.join(copy(), 'log.jsonl')
    return existsSync(file) ? readFileSync(file).filter((byte) => byte === 10).length : 0
  }
  const entries = async (): Promise<number> => (await readEntries(vaultDir)).length
  const expectAll = async (): Promise<void> => {
    await expect.poll(async () => (await entries()) - copied(), { timeout: 30_000 }).toBe(0)
  }

  const first = await launchApp({ run, userDir })
  await expectAll()
  await expect
    .poll(async () => (await readEntries(vaultDir)).filter(({ type }) => type === 'sync.acknowledged').length, {
      timeout: 30_000,
    })
    .toBe(1)
  await expectAll()
  const pid = await courierPid(first.app)
  expect(pid).toBeGreaterThan(0)
  await first.close()
  await expect.poll(() => existsSync(`/proc/${String(pid)}`)).toBe(false)

  // Away at the start, and a courier that dies: it goes on when the share is back.
  renameSync(share, `${share}.away`)
  const again = await launchApp({ run, userDir })
  await expect.poll(() => courierPid(again.app), { timeout: 20_000 }).toBeGreaterThan(0)
  process.kill((await courierPid(again.app)) ?? 0, 'SIGKILL')
  renameSync(`${share}.away`, share)
  await expectAll()
  await again.close()

  const report = await verifyFolder(copy(), null)
  expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
})

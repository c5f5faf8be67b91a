/** Control 18: one instance, in a folder that is this user's alone. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { makeUserDir } from '../../../build/prepare-run.ts'
import { giveTo } from '../../../build/unprivileged-user.ts'
import { preparedRun } from '../launch.ts'
import { prepareRelease, startRelease } from '../support/release-run.ts'
import { buildStage, launchStage } from '../support/stage.ts'

test('a second start on the same data ends at once, and the first comes to the front', async () => {
  const run = preparedRun()
  const appDir = await buildStage(run)
  const stage = await launchStage(appDir)
  try {
    await stage.app.evaluate(({ app }) => {
      const counted = globalThis as unknown as { second: number }
      counted.second = 0
      app.on('second-instance', () => counted.second++)
    })
    const second = startRelease({ ...run, appDir, makeUserDir: () => '', dispose: () => undefined }, [], stage.userDir)
    expect(await second.ended).toMatchObject({ code: 0 })
    await expect.poll(() => stage.app.evaluate(() => (globalThis as unknown as { second: number }).second)).toBe(1)
    expect(await stage.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  } finally {
    await stage.close()
  }
})

test('the folder and everything in it is for this user only', async () => {
  const run = preparedRun()
  const userDir = path.join(makeUserDir(run), 'data')
  mkdirSync(userDir)
  giveTo(run.userId, userDir)
  chmodSync(userDir, 0o777)
  const stage = await launchStage(await buildStage(run), { userDir })
  await stage.close()
  expect(statSync(userDir).mode & 0o777).toBe(0o700)
  const open = readdirSync(userDir, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const stats = lstatSync(path.join(userDir, name))
    return !stats.isSymbolicLink() && (stats.mode & 0o077) !== 0
  })
  expect(open).toEqual([])
})

test('a folder that belongs to somebody else is refused', async () => {
  const run = await prepareRelease()
  try {
    test.skip(run.userId === null, 'only root can make such a folder')
    const stranger = path.join(run.runDir, 'stranger')
    mkdirSync(stranger)
    chmodSync(stranger, 0o777)
    const { code, stderr } = await startRelease(run, [], stranger).ended
    expect(code).toBe(77)
    expect(stderr).toContain('belongs to another user')
  } finally {
    run.dispose()
  }
})

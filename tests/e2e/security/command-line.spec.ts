/** Controls 2 and 18: what the release build refuses to start with, and how it starts. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import type { PreparedRun } from '../../../build/prepare-run.ts'
import { prepareRelease, startRelease } from '../support/release-run.ts'

/** `--inspect-brk` is missing: it halts before any script of ours, and only the fuse of a package can stop it. */
const refused = [
  '--no-sandbox',
  '-no-sandbox',
  '--disable-setuid-sandbox',
  '--disable-seccomp-filter-sandbox',
  '--single-process',
  '--remote-debugging-port=0',
  '--remote-debugging-pipe',
  '--remote-debugging-address=0.0.0.0',
  '--inspect',
  '--inspect=0',
  '--disable-web-security',
  '--disable-site-isolation-trials',
  '--js-flags=--expose-gc',
  '--host-rules=MAP * 127.0.0.1',
  '--host-resolver-rules=MAP * 127.0.0.1',
  '--proxy-server=127.0.0.1:1',
  '--ignore-certificate-errors',
  '--log-net-log=/tmp/net.json',
  '--enable-logging',
  '--load-extension=/tmp',
  '--renderer-cmd-prefix=/bin/true',
  '--utility-cmd-prefix=/bin/true',
  '--enable-blink-features=X',
  '--disable-features=X',
  '--keep-tap-page',
  '--export-dir=/tmp',
  '--require=/tmp/x.js',
  '-r',
]

test.describe('the release build', () => {
  let run: PreparedRun
  test.beforeAll(async () => {
    run = await prepareRelease()
  })
  test.afterAll(() => run.dispose())

  for (const flag of refused) {
    test(`does not start with ${flag}`, async () => {
      const started = startRelease(run, [flag])
      const { code, stderr } = await started.ended
      expect(code).toBe(64)
      expect(stderr.split('\n').filter((line) => line.startsWith('Halligan'))).toEqual([
        `Halligan did not start: it does not accept ${flag.split('=')[0]!}.`,
      ])
      // No window: it ended before it had so much as a lock or a profile.
      expect(readdirSync(started.userDir)).toEqual([])
    })
  }

  test('starts with what it knows, keeps its folder private, and leaves in order on SIGTERM', async () => {
    const started = startRelease(run, ['--lang=de', '--force-device-scale-factor=1'])
    await expect
      .poll(() => existsSync(path.join(started.userDir, 'SingletonLock')) || readdirSync(started.userDir).length > 2, {
        timeout: 10_000,
      })
      .toBe(true)
    expect(statSync(started.userDir).mode & 0o777).toBe(0o700)
    // By then main is past its start, and has something to put in order.
    await expect.poll(started.hasVaultProcess, { timeout: 10_000 }).toBe(true)
    started.terminate()
    expect(await started.ended).toMatchObject({ code: 0 })
  })
})

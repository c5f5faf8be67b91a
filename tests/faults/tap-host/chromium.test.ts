import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDisplay, type Display } from '../../../build/display.ts'
import { ensureSystemBrowser } from '../../../build/system-browser.ts'
import { chooseUser, giveTo } from '../../../build/unprivileged-user.ts'
import { forkTapHost, makePlace, type RunningTapHost, type TapHostPlace } from '../../support/forked-tap-host.ts'

const browser = await ensureSystemBrowser()
const patient = { timeout: 30_000, interval: 50 }

/** Arguments of every process of the machine, by its number. */
function readProcesses(): Map<number, string> {
  const found = new Map<number, string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      found.set(Number(pid), readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

// Chromium refuses to run as root with its sandbox on; without a browser there is nothing to test.
describe.skipIf(browser === null)('a tap page in the real browser', { timeout: 90_000 }, () => {
  const user = chooseUser()
  let display: Display
  let place: TapHostPlace
  let home: string
  let hosts: RunningTapHost[] = []

  beforeAll(async () => {
    display = await openDisplay()
  })
  afterAll(() => display.stop())
  afterEach(() => {
    for (const { child } of hosts) child.kill('SIGKILL')
    hosts = []
    place.remove()
  })

  const start = (): RunningTapHost => {
    const host = forkTapHost({ ...display.env, HOME: home, LANG: 'C.UTF-8' }, user)
    hosts.push(host)
    return host
  }
  const prepare = (): void => {
    place = makePlace(user)
    home = path.join(place.dir, 'home')
    mkdirSync(home, { mode: 0o700 })
    giveTo(user, home)
  }
  const open = (host: RunningTapHost, program = browser ?? '') =>
    host.call.open({ browser: program, profiles: place.profiles, files: place.files, title: 'Tap' })
  const browserProcesses = (): number[] =>
    [...readProcesses()].filter(([, args]) => args.includes(place.profiles)).map(([pid]) => pid)
  const leftovers = (): string[] => [
    ...(existsSync(place.profiles) ? readdirSync(place.profiles) : []),
    ...readdirSync(os.tmpdir()).filter(
      (name) => /^(halligan-tap-.{16}$|org\.chromium\.)/.test(name) && !name.startsWith('halligan-tap-host'),
    ),
    ...readdirSync(home),
  ]

  test('comes up, talks both ways, and leaves nothing', async () => {
    prepare()
    const host = start()
    host.toPage({ ping: 'early' })
    const { origin } = await open(host)
    expect(origin).toMatch(/^http:\/\/halligan\.localhost:\d+$/)
    await expect.poll(() => host.fromPage, patient).toContainEqual({ pong: 'early' })
    expect(host.fromPage[0]).toMatchObject({ here: origin, secure: true, webauthn: 'function', color: 'rgb(1, 2, 3)' })
    const t = performance.now()
    await host.call.close({})
    console.log('close', performance.now() - t)
    expect(browserProcesses()).toEqual([])
    expect(leftovers()).toEqual([])
    expect(host.refused).toEqual([])
    expect(host.gone).toEqual([])
  })
})

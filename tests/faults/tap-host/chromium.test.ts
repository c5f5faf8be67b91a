import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDisplay, type Display } from '../../../build/display.ts'
import { ensureSystemBrowser } from '../../../build/system-browser.ts'
import { chooseUser, giveTo } from '../../../build/unprivileged-user.ts'
import {
  forkTapHost,
  makePlace,
  sweepAs,
  type RunningTapHost,
  type TapHostPlace,
} from '../../support/forked-tap-host.ts'

const browser = await ensureSystemBrowser()
const patient = { timeout: 60_000, interval: 50 }

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

const reason = browser === null ? ' (there is none: apt-get install chromium)' : ''

describe.skipIf(browser === null)(`a tap page in the real browser${reason}`, { timeout: 240_000 }, () => {
  // Chromium refuses to run as root with its sandbox on.
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
    temps.clear()
    place.remove()
  })

  const start = (): RunningTapHost => {
    const host = forkTapHost({ ...display.env, HOME: home, LANG: 'C.UTF-8' }, user)
    hosts.push(host)
    return host
  }
  beforeEach(() => {
    place = makePlace(user)
    home = path.join(place.dir, 'home')
    mkdirSync(home, { mode: 0o700 })
    giveTo(user, home)
  })
  const open = async (host: RunningTapHost): Promise<{ origin: string }> => {
    const input = { browser: browser ?? '', profiles: place.profiles, files: place.files, title: 'Tap' }
    const opened = await host.call.open(input)
    noteProfiles()
    return opened
  }
  const browserProcesses = (): number[] =>
    [...readProcesses()].filter(([, args]) => args.includes(place.profiles)).map(([pid]) => pid)
  const browserItself = (): number =>
    [...readProcesses()].find(
      ([, args]) => args.includes('--app=file:') && args.includes(place.profiles) && !args.includes('exec "$@"'),
    )?.[0] ?? 0
  const killTabs = (): void => {
    for (const [pid, args] of readProcesses())
      if (args.includes('--type=renderer') && args.includes(place.profiles)) process.kill(pid, 'SIGKILL')
  }
  /** Folders for temporary files of the profiles that were seen. */
  const temps = new Set<string>()
  const noteProfiles = (): void => {
    for (const name of readdirSync(place.profiles)) temps.add(`halligan-${name}`)
  }
  const leftovers = (): string[] => [
    ...(existsSync(place.profiles) ? readdirSync(place.profiles) : []),
    ...readdirSync(os.tmpdir()).filter((name) => temps.has(name)),
    ...readdirSync(home),
  ]

  test('comes up, talks both ways, and leaves nothing', async () => {
    const host = start()
    host.toPage({ ping: 'early' })
    const { origin } = await open(host)
    expect(origin).toMatch(/^http:\/\/halligan\.localhost:\d+$/)
    await expect.poll(() => host.fromPage, patient).toContainEqual({ pong: 'early' })
    expect(host.fromPage[0]).toMatchObject({ here: origin, secure: true, webauthn: 'function', color: 'rgb(1, 2, 3)' })
    await host.call.close({})
    expect(browserProcesses()).toEqual([])
    expect(leftovers()).toEqual([])
    expect(host.refused).toEqual([])
    expect(host.gone).toEqual([])
  })

  test('its policy holds: no other host, no text as code, no text as markup', async () => {
    const host = start()
    await open(host)
    for (const attempt of ['outside', 'evaluate', 'markup']) {
      host.toPage({ attempt })
      await expect.poll(() => host.fromPage, patient).toContainEqual({ attempt, worked: false })
    }
  })

  test('no process of the machine carries the address on its command line, and the file that held it goes', async () => {
    const seen = new Set<string>()
    const watch = setInterval(() => [...readProcesses().values()].forEach((args) => seen.add(args)), 5)
    const host = start()
    const port = new URL((await open(host)).origin).port
    await expect.poll(() => host.fromPage.length, patient).toBe(1)
    clearInterval(watch)
    expect([...seen].some((args) => args.includes('start.html'))).toBe(true)
    expect([...seen].filter((args) => args.includes(`halligan.localhost:${port}`))).toEqual([])
    const [profile = ''] = readdirSync(place.profiles)
    const dir = path.join(place.profiles, profile)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(existsSync(path.join(dir, 'start.html'))).toBe(false)
  })

  test('a person who closes the window is no crash', async () => {
    const host = start()
    await open(host)
    // What the window's button does, from inside.
    host.toPage({ close: true })
    await expect.poll(() => host.gone, patient).toEqual([{ died: false }])
    expect(host.portClosed()).toBe(true)
    await expect.poll(leftovers, patient).toEqual([])
    expect(browserProcesses()).toEqual([])
  })

  test('kill -9 of the browser is told as a death', async () => {
    const host = start()
    await open(host)
    process.kill(browserItself(), 'SIGKILL')
    await expect.poll(() => host.gone, patient).toEqual([{ died: true }])
    await expect.poll(leftovers, patient).toEqual([])
    await expect.poll(browserProcesses, patient).toEqual([])
  })

  test.each([
    ['the tab is killed', (): void => killTabs()],
    ['the page is left for another', (host: RunningTapHost): void => host.toPage({ go: 'about:blank' })],
    ['the page is loaded again', (host: RunningTapHost): void => host.toPage({ go: '' })],
  ])('%s: told as a death, though the browser lives', async (_, happen) => {
    const host = start()
    await open(host)
    happen(host)
    await expect.poll(() => host.gone, patient).toEqual([{ died: true }])
    await expect.poll(leftovers, patient).toEqual([])
    await expect.poll(browserProcesses, patient).toEqual([])
  })

  test('kill -9 of the tap host takes browser and profile with it', async () => {
    const host = start()
    await open(host)
    expect(browserProcesses().length).toBeGreaterThan(3)
    host.child.kill('SIGKILL')
    await expect.poll(browserProcesses, patient).toEqual([])
    expect(leftovers()).toEqual([])
  })

  test('kill -9 of tap host and guard together leaves what the sweep removes', async () => {
    const host = start()
    await open(host)
    const guards = [...readProcesses()].filter(
      ([, args]) => args.includes('read -r group') && args.includes(place.profiles),
    )
    expect(guards).toHaveLength(1)
    process.kill(host.child.pid ?? 0, 'SIGSTOP')
    for (const [pid] of guards) process.kill(pid, 'SIGKILL')
    host.child.kill('SIGKILL')
    expect(leftovers()).not.toEqual([])
    const sweep = (): void => void sweepAs(user, place.profiles)
    await expect.poll(() => host.child.signalCode, patient).toBe('SIGKILL')
    sweep()
    await expect.poll(browserProcesses, patient).toEqual([])
    await expect.poll(() => (sweep(), leftovers()), patient).toEqual([])
  })

  test('two browsers at once, each with its own page', async () => {
    const both = [start(), start()]
    const opened = await Promise.all(both.map((host) => open(host)))
    for (const [at, host] of both.entries()) {
      host.toPage({ ping: at + 1 })
      await expect.poll(() => host.fromPage, patient).toContainEqual({ pong: at + 1 })
      expect(host.fromPage[0]).toMatchObject({ here: opened[at]?.origin })
    }
    await both[0]?.call.close({})
    both[1]?.toPage({ ping: 3 })
    await expect.poll(() => both[1]?.fromPage, patient).toContainEqual({ pong: 3 })
    await both[1]?.call.close({})
    expect(leftovers()).toEqual([])
  })

  test('a close that overtakes the start leaves nothing either', async () => {
    const host = start()
    const opened = open(host)
    opened.catch(() => undefined)
    await expect.poll(browserProcesses, patient).not.toEqual([])
    await host.call.close({})
    await expect(opened).rejects.toThrow()
    await expect.poll(leftovers, patient).toEqual([])
    expect(browserProcesses()).toEqual([])
  })
})

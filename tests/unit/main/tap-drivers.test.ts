/** Where the next tap takes place: the choice, the file it is kept in, and who opens the page. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { browserOf, chooseTapPlace, type TapCircumstances } from '../../../electron/main/tap-drivers/choose-driver.ts'
import { createTapDrivers } from '../../../electron/main/tap-drivers/tap-drivers.ts'
import { openTapSettings } from '../../../electron/main/tap-drivers/tap-settings.ts'
import type { HostedPage } from '../../../electron/main/hosted-page.ts'
import type { TapSettings } from '../../../shared/domain/tap-place.ts'

const chromium = { name: 'Chromium', path: '/usr/bin/chromium' }
const automatic: TapSettings = { driver: 'automatic', browserPath: null }

const around = (change: Partial<TapCircumstances> = {}): TapCircumstances => ({
  platform: 'linux',
  browsers: [chromium],
  isBrowserPathUsable: false,
  settingsDamaged: false,
  keepsTapWindow: false,
  ...change,
})

describe('the place of a tap', () => {
  it.each([
    ['the browser on Linux', automatic, around(), 'browser', 'system'],
    ['the browser on macOS', automatic, around({ platform: 'darwin' }), 'browser', 'system'],
    [
      'the window on Windows, whose own dialog asks for PINs',
      automatic,
      around({ platform: 'win32' }),
      'window',
      'system',
    ],
    ['the window where there is no browser', automatic, around({ browsers: [] }), 'window', 'browser-missing'],
    ['the window when it was chosen', { ...automatic, driver: 'window' }, around(), 'window', 'chosen'],
    [
      'the browser when it was chosen',
      { ...automatic, driver: 'browser' },
      around({ platform: 'win32' }),
      'browser',
      'chosen',
    ],
    [
      'the chosen program, though none was found by itself',
      { driver: 'browser', browserPath: '/opt/b' },
      around({ browsers: [], isBrowserPathUsable: true }),
      'browser',
      'chosen',
    ],
    [
      'the window when the chosen program is gone, though there is another: a person named the one to trust',
      { driver: 'browser', browserPath: '/opt/b' },
      around(),
      'window',
      'browser-missing',
    ],
    [
      'what the system suggests, and says so, when the settings cannot be read',
      automatic,
      around({ settingsDamaged: true }),
      'browser',
      'settings-damaged',
    ],
    ['the window that a development build keeps', automatic, around({ keepsTapWindow: true }), 'window', 'system'],
    [
      'the browser even so, when it was chosen',
      { ...automatic, driver: 'browser' },
      around({ keepsTapWindow: true }),
      'browser',
      'chosen',
    ],
  ] as const)('is %s', (_, settings, circumstances, place, why) => {
    expect(chooseTapPlace(settings, circumstances)).toMatchObject({ ...settings, place, why })
  })

  it('starts the program that was named, else the first that was found', () => {
    const place = chooseTapPlace(automatic, around())
    expect(browserOf(place)).toBe(chromium.path)
    expect(browserOf({ ...place, browserPath: '/opt/b' })).toBe('/opt/b')
    expect(browserOf({ ...place, browsers: [] })).toBeNull()
  })
})

let dir: string
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-tap-settings-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})
const file = (): string => path.join(dir, 'tap-settings.json')

describe('the settings file', () => {
  it('is automatic when there is none, and keeps what is written for its owner alone', () => {
    const settings = openTapSettings(dir)
    expect(settings.read()).toEqual({ settings: automatic, damaged: false })
    settings.write({ driver: 'browser', browserPath: '/opt/b' })
    expect(settings.read()).toEqual({ settings: { driver: 'browser', browserPath: '/opt/b' }, damaged: false })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['tap-settings.json'])
  })

  it.each([
    ['no JSON', '{"driver":'],
    ['an unknown driver', '{"driver":"telepathy","browserPath":null}'],
    ['an unknown key', '{"driver":"window","browserPath":null,"more":1}'],
    ['a relative program', '{"driver":"browser","browserPath":"chromium"}'],
    ['more than settings need', `{"driver":"window","browserPath":null}${' '.repeat(20_000)}`],
  ])('is automatic, and says that it is damaged, with %s', (_, text) => {
    writeFileSync(file(), text)
    expect(openTapSettings(dir).read()).toEqual({ settings: automatic, damaged: true })
  })

  it.skipIf(process.platform === 'win32')('waits for no pipe, and follows no link, that stands in its place', () => {
    execFileSync('mkfifo', [file()])
    expect(openTapSettings(dir).read()).toEqual({ settings: automatic, damaged: true })
    rmSync(file())
    writeFileSync(path.join(dir, 'other'), '{"driver":"window","browserPath":null}')
    symlinkSync(path.join(dir, 'other'), file())
    expect(openTapSettings(dir).read()).toEqual({ settings: automatic, damaged: true })
  })

  it('does not write through a link that somebody put where it writes', () => {
    const victim = path.join(dir, 'victim')
    writeFileSync(victim, 'precious')
    symlinkSync(victim, `${file()}.new`)
    openTapSettings(dir).write(automatic)
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(statSync(file()).isFile()).toBe(true)
  })
})

describe('the drivers', () => {
  const page: HostedPage = {
    givePort: () => Promise.resolve({ origin: 'nowhere' }),
    show: () => ({ captureProtection: 'not-supported-here' }),
    close: () => Promise.resolve(),
  }
  const createBench = (isProgram: (path: string) => boolean = () => true) => {
    const opened: string[] = []
    const drivers = createTapDrivers({
      platform: 'linux',
      settings: openTapSettings(dir),
      findBrowsers: () => [chromium],
      isProgram,
      keepsTapWindow: false,
      makeDrivers: (browser) => ({
        window: { open: () => (opened.push('window'), page) },
        browser: { open: () => (opened.push(`browser ${String(browser())}`), page) },
      }),
    })
    const open = drivers.opener(() => (opened.push('other'), page))
    const ended: boolean[] = []
    const order = { operation: 'o', title: 't', onEnd: (died: boolean) => void ended.push(died) }
    return {
      drivers,
      opened,
      ended,
      tap: () => open({ ...order, kind: 'tap' }),
      reveal: () => open({ ...order, kind: 'reveal' }),
    }
  }

  it('open each tap where the settings of that moment say, and never another page', () => {
    const { drivers, opened, tap, reveal } = createBench()
    tap()
    drivers.setPlace({ driver: 'window', browserPath: null })
    tap()
    drivers.allow('/opt/b')
    drivers.setPlace({ driver: 'browser', browserPath: '/opt/b' })
    tap()
    reveal()
    expect(opened).toEqual(['browser /usr/bin/chromium', 'window', 'browser /opt/b', 'other'])
  })

  it('move the page that is open when another place is chosen, once, and only then', async () => {
    const { drivers, ended, tap } = createBench()
    const page = tap()
    drivers.setPlace({ driver: 'browser', browserPath: null })
    expect(ended).toEqual([])
    drivers.setPlace({ driver: 'window', browserPath: null })
    drivers.setPlace({ driver: 'automatic', browserPath: null })
    await expect.poll(() => ended).toEqual([true])
    await page.close()
    await tap().close()
    drivers.setPlace({ driver: 'window', browserPath: null })
    expect(ended).toEqual([true])
  })

  it('take a program that was found, was named in a dialog of this run, or is in use; and none that a page made up', () => {
    const settings = openTapSettings(dir)
    settings.write({ driver: 'browser', browserPath: '/opt/in-use' })
    const { drivers } = createBench()
    drivers.allow('/opt/named')
    expect(() => drivers.setPlace({ driver: 'browser', browserPath: '/opt/made-up' })).toThrow('BROWSER_NOT_FOUND')
    for (const browserPath of ['/opt/in-use', chromium.path, '/opt/named', null]) {
      drivers.setPlace({ driver: 'browser', browserPath })
      expect(settings.read().settings.browserPath).toBe(browserPath)
    }
    // It is not in use any more, and nobody has named it in this run.
    expect(() => drivers.setPlace({ driver: 'browser', browserPath: '/opt/in-use' })).toThrow('BROWSER_NOT_FOUND')
    expect(settings.read().settings.browserPath).toBeNull()
  })

  it('refuse a program that cannot be started, and keep what was', () => {
    const { drivers } = createBench((program) => program !== '/no/such')
    drivers.allow('/no/such')
    drivers.setPlace({ driver: 'window', browserPath: null })
    expect(() => drivers.setPlace({ driver: 'browser', browserPath: '/no/such' })).toThrow('BROWSER_NOT_FOUND')
    expect(drivers.place()).toMatchObject({ driver: 'window', place: 'window' })
  })

  it('say when the choice cannot be kept', () => {
    const { drivers } = createBench()
    rmSync(dir, { recursive: true })
    expect(() => drivers.setPlace(automatic)).toThrow('STORAGE_FAILED')
  })
})

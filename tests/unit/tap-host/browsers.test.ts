import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  browserEnvironment,
  findBrowsers,
  resolveBrowser,
  type BrowserPlaces,
} from '../../../electron/platform/browsers.ts'

const machine = (
  platform: NodeJS.Platform,
  programs: readonly string[],
  env: BrowserPlaces['env'] = {},
): BrowserPlaces => ({ platform, env, isProgram: (file) => programs.includes(file) })

describe('the search for browsers', () => {
  test('Linux: Chrome, Chromium, Edge, Brave; one of each, the stable one first', () => {
    const programs = [
      '/usr/bin/brave-browser',
      '/usr/local/bin/microsoft-edge',
      '/usr/bin/chromium-browser',
      '/usr/bin/chromium',
      '/usr/bin/google-chrome',
      '/usr/bin/google-chrome-stable',
      '/usr/bin/firefox',
      '/snap/bin/chromium',
    ]
    expect(findBrowsers(machine('linux', programs, { PATH: '/snap/bin' }))).toEqual([
      { name: 'Google Chrome', path: '/usr/bin/google-chrome-stable' },
      { name: 'Chromium', path: '/usr/bin/chromium' },
      { name: 'Microsoft Edge', path: '/usr/local/bin/microsoft-edge' },
      { name: 'Brave', path: '/usr/bin/brave-browser' },
    ])
  })

  test('macOS: for everybody first, then for this person', () => {
    const inApplications = (name: string): string => `/Applications/${name}.app/Contents/MacOS/${name}`
    const programs = [
      `/Users/ada${inApplications('Google Chrome')}`,
      inApplications('Microsoft Edge'),
      `/Users/ada${inApplications('Microsoft Edge')}`,
    ]
    expect(findBrowsers(machine('darwin', programs, { HOME: '/Users/ada' })).map((one) => one.path)).toEqual([
      programs[0],
      programs[1],
    ])
    expect(findBrowsers(machine('darwin', programs)).map((one) => one.path)).toEqual([programs[1]])
  })

  test('Windows: both program folders, then the person’s own', () => {
    const chrome = String.raw`Google\Chrome\Application\chrome.exe`
    const edge = String.raw`Microsoft\Edge\Application\msedge.exe`
    const env = {
      ProgramFiles: String.raw`C:\Program Files`,
      'ProgramFiles(x86)': String.raw`C:\Program Files (x86)`,
      LOCALAPPDATA: String.raw`C:\Users\ada\AppData\Local`,
    }
    const programs = [`${env.LOCALAPPDATA}\\${chrome}`, `${env['ProgramFiles(x86)']}\\${edge}`]
    expect(findBrowsers(machine('win32', programs, env)).map((one) => one.path)).toEqual(programs)
    expect(findBrowsers(machine('win32', programs))).toEqual([])
  })

  test('none', () => {
    expect(findBrowsers(machine('linux', []))).toEqual([])
  })
})

describe('a browser that a person chose', () => {
  let dir = ''
  const file = (name: string, mode: number): string => {
    writeFileSync(path.join(dir, name), '#!/bin/sh\n', { mode })
    chmodSync(path.join(dir, name), mode)
    return path.join(dir, name)
  }
  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-browsers-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  test.skipIf(process.platform === 'win32')('must be an absolute path of a regular file that can be started', () => {
    const good = file('browser', 0o755)
    expect(resolveBrowser(good)).toBe(good)
    expect(resolveBrowser(file('text', 0o644))).toBeNull()
    expect(resolveBrowser(path.join(dir, 'missing'))).toBeNull()
    expect(resolveBrowser(dir)).toBeNull()
    expect(resolveBrowser(path.relative(process.cwd(), good))).toBeNull()
    expect(resolveBrowser('sh')).toBeNull()
    symlinkSync(dir, path.join(dir, 'link'))
    expect(resolveBrowser(path.join(dir, 'link'))).toBeNull()
    mkdirSync(path.join(dir, 'folder.app'))
    expect(resolveBrowser(path.join(dir, 'folder.app'))).toBeNull()
  })

  test.skipIf(process.platform === 'win32')(
    'is refused where other users could put another program in its place',
    () => {
      const good = file('browser', 0o755)
      expect(resolveBrowser(file('for-all', 0o777))).toBeNull()
      const ofGroup = file('for-a-group', 0o775)
      // Only root may give files away, and only root has a group of root.
      if (process.getuid?.() === 0) {
        expect(resolveBrowser(ofGroup)).toBe(ofGroup)
        chownSync(ofGroup, 0, 4242)
      }
      expect(resolveBrowser(ofGroup)).toBeNull()
      const open = path.join(dir, 'open')
      mkdirSync(open)
      const inOpen = file('open/browser', 0o755)
      expect(resolveBrowser(inOpen)).toBe(inOpen)
      chmodSync(open, 0o777)
      expect(resolveBrowser(inOpen)).toBeNull()
      symlinkSync(inOpen, path.join(dir, 'link'))
      expect(resolveBrowser(path.join(dir, 'link'))).toBeNull()
      chmodSync(open, 0o1777)
      expect(resolveBrowser(inOpen)).toBe(inOpen)
      if (process.getuid?.() === 0) {
        chownSync(good, 4242, 4242)
        expect(resolveBrowser(good)).toBeNull()
      }
    },
  )

  test('may be an app on macOS, and a path with a drive on Windows', () => {
    const inside = '/Applications/Chromium.app/Contents/MacOS/Chromium'
    expect(resolveBrowser('/Applications/Chromium.app', machine('darwin', [inside]))).toBe(inside)
    expect(resolveBrowser(inside, machine('darwin', [inside]))).toBe(inside)
    const windows = String.raw`D:\Tools\chrome.exe`
    expect(resolveBrowser(windows, machine('win32', [windows]))).toBe(windows)
    expect(resolveBrowser('chrome.exe', machine('win32', ['chrome.exe']))).toBeNull()
  })
})

test('of the environment, a browser sees the screen and the person, and nothing that changes what it does', () => {
  const kept = {
    DISPLAY: ':0',
    WAYLAND_DISPLAY: 'wayland-0',
    XDG_RUNTIME_DIR: '/run/user/1',
    HOME: '/home/ada',
    LANG: 'de_DE.UTF-8',
  }
  const dropped = {
    CHROMIUM_FLAGS: '--remote-debugging-port=1',
    SSLKEYLOGFILE: '/tmp/keys',
    LD_PRELOAD: '/tmp/x.so',
    NODE_OPTIONS: '--inspect',
    ELECTRON_RUN_AS_NODE: '1',
    http_proxy: 'http://evil',
    PATH: '/tmp',
  }
  expect(browserEnvironment({ ...kept, ...dropped }, 'linux')).toEqual(kept)
})

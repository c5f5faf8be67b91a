import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  makeProfile,
  removeProfile,
  sweepProfiles,
  userDataDir,
  type BrowserProfile,
} from '../../../electron/platform/browser-profiles.ts'

describe('throw-away profiles', () => {
  let dir = ''
  let profiles = ''
  const made: BrowserProfile[] = []
  const started: ChildProcess[] = []
  const make = (letter: string): BrowserProfile => {
    // The names are of this run: other runs on this machine have theirs.
    const profile = makeProfile(profiles, `${letter}${path.basename(dir).slice(-6)}${'_'.repeat(9)}`)
    made.push(profile)
    return profile
  }
  /** As left by a tap host that is gone. */
  const orphan = (profile: BrowserProfile): void => {
    writeFileSync(path.join(profile.dir, 'owner'), '4194999')
  }

  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-profiles-'))
    profiles = path.join(dir, 'profiles')
  })
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
    made.splice(0).forEach(removeProfile)
    rmSync(dir, { recursive: true })
  })

  test('are this user’s alone, and never one that is there already', () => {
    const profile = make('a')
    if (process.platform !== 'win32')
      for (const folder of [profiles, profile.dir, profile.temp]) expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(() => make('a')).toThrow('EEXIST')
    mkdirSync(profile.temp.replace('tap-a', 'tap-b'))
    expect(() => make('b')).toThrow('EEXIST')
    rmSync(profile.temp.replace('tap-a', 'tap-b'), { recursive: true })
  })

  test('that a dead tap host left are swept up, with their processes; others are not touched', async () => {
    const [left, inUse] = [make('a'), make('b')]
    orphan(left)
    const run = (profile: BrowserProfile): ChildProcess => {
      const child = spawn(process.execPath, [
        '-e',
        'setTimeout(() => {}, 60_000)',
        '--',
        `--user-data-dir=${userDataDir(profile)}`,
      ])
      started.push(child)
      return child
    }
    const [ended, kept] = [run(left), run(inUse)]
    const exit = new Promise((resolve) => ended.once('exit', (_, signal) => resolve(signal)))
    await Promise.all([ended, kept].map((child) => new Promise((resolve) => child.once('spawn', resolve))))
    expect(sweepProfiles(profiles)).toBe(1)
    if (process.platform === 'linux') expect(await exit).toBe('SIGKILL')
    expect([left.dir, left.temp].map((folder) => existsSync(folder))).toEqual([false, false])
    expect([inUse.dir, inUse.temp].map((folder) => existsSync(folder))).toEqual([true, true])
    expect(kept.exitCode).toBeNull()
  })

  test('only our own: other names, files and links stay', () => {
    mkdirSync(path.join(profiles, 'tap-short'), { recursive: true })
    const elsewhere = path.join(dir, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(path.join(elsewhere, 'precious'), '')
    symlinkSync(elsewhere, path.join(profiles, `tap-${'l'.repeat(16)}`))
    writeFileSync(path.join(profiles, `tap-${'f'.repeat(16)}`), '')
    expect(sweepProfiles(profiles)).toBe(0)
    expect(readdirSync(profiles)).toHaveLength(3)
    expect(existsSync(path.join(elsewhere, 'precious'))).toBe(true)
  })

  test('a folder that is not there has nothing to sweep', () => {
    expect(sweepProfiles(path.join(dir, 'never'))).toBe(0)
  })
})

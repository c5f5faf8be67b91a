import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cacheDir, cached, failureNotes, isWhole } from '../../../build/runtime-cache.ts'

describe('the cache of Electron runtimes', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-cache-'))
    vi.stubEnv('XDG_CACHE_HOME', dir)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true })
  })

  const fill = (text: string) => (into: string) => {
    writeFileSync(path.join(into, 'electron'), text)
    return Promise.resolve()
  }

  it('fills once', async () => {
    const first = await cached('a', fill('one'))
    expect(isWhole(first)).toBe(true)
    expect(await cached('a', () => Promise.reject(new Error('filled again')))).toBe(first)
  })

  it.each([
    ['a changed file', (at: string) => writeFileSync(path.join(at, 'electron'), 'two')],
    ['an added file', (at: string) => writeFileSync(path.join(at, 'more'), 'x')],
    ['a missing file', (at: string) => rmSync(path.join(at, 'electron'))],
  ])('fills again after %s', async (_, damage) => {
    damage(await cached('a', fill('one')))
    const again = vi.fn(fill('one'))
    expect(isWhole(await cached('a', again))).toBe(true)
    expect(again).toHaveBeenCalledOnce()
  })

  it('leaves nothing behind when filling breaks off', async () => {
    const broken = cached('a', (into) => {
      writeFileSync(path.join(into, 'electron'), 'half')
      return Promise.reject(new Error('cable pulled'))
    })
    await expect(broken).rejects.toThrow('cable pulled')
    expect(readdirSync(cacheDir())).toEqual([])
  })

  it('remembers a failure for a while', () => {
    expect(failureNotes.isRecent('download', 1000)).toBe(false)
    failureNotes.note('download')
    expect(failureNotes.isRecent('download', 60_000)).toBe(true)
    expect(failureNotes.isRecent('download', -1)).toBe(false)
  })
})

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adviceFor, ensurePackages, type WantedPackages } from '../../../build/system-packages.ts'

describe.runIf(process.platform === 'linux' && existsSync('/usr/bin/flock'))('system packages', () => {
  let dir = ''
  const file = (name: string): string => path.join(dir, name)
  const calls = (): string[] =>
    existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').trim().split('\n') : []
  /** `script` runs with the arguments of apt-get; `$dir` is a folder of the test. */
  const setApt = (script: string): void => {
    writeFileSync(file('apt-get'), `#!/bin/sh\ndir='${dir}'\necho "$@" >> "$dir/calls"\n${script}\n`)
    chmodSync(file('apt-get'), 0o755)
  }
  const wanted = (name: string): WantedPackages => ({
    name,
    packages: [name],
    isThere: () => existsSync(file(`installed-${name}`)),
  })
  const install = 'for name in "$@"; do :; done; touch "$dir/installed-$name"'
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-path-'))
    for (const name of ['which', 'sh', 'flock', 'touch', 'rmdir', 'mkdir', 'sleep'])
      symlinkSync(existsSync(`/usr/bin/${name}`) ? `/usr/bin/${name}` : `/bin/${name}`, file(name))
    vi.stubEnv('PATH', dir)
    vi.spyOn(process, 'getuid').mockReturnValue(0)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true })
  })

  it('that are there cost nothing', async () => {
    setApt('exit 9')
    expect(await ensurePackages({ ...wanted('x'), isThere: () => true })).toBe(true)
    expect(calls()).toEqual([])
  })

  it('are installed; where apt knows of none, after it has looked', async () => {
    setApt(install)
    expect(await ensurePackages(wanted('one'))).toBe(true)
    expect(calls()).toEqual(['-o DPkg::Lock::Timeout=120 install -y --no-install-recommends one'])
    setApt(`case "$3" in update) touch "$dir/lists";; install) [ -e "$dir/lists" ] || exit 100; ${install};; esac`)
    expect(await ensurePackages(wanted('two'))).toBe(true)
    expect(
      calls()
        .slice(1)
        .map((call) => call.split(' ')[2]),
    ).toEqual(['install', 'update', 'install'])
  })

  it('are installed one after the other', async () => {
    // A directory is made by one only.
    setApt(`mkdir "$dir/busy" || exit 100; sleep 0.2; rmdir "$dir/busy"; ${install}`)
    const names = ['a', 'b', 'c']
    expect(await Promise.all(names.map((name) => ensurePackages(wanted(name))))).toEqual([true, true, true])
    expect(calls()).toHaveLength(3)
  })

  it('that cannot be had are not there', async () => {
    setApt('echo "E: no such package" >&2; exit 100')
    expect(await ensurePackages(wanted('x'))).toBe(false)
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    const before = calls().length
    expect(await ensurePackages(wanted('x'))).toBe(false)
    expect(calls()).toHaveLength(before)
    expect(adviceFor(wanted('x'))).toBe('sudo apt-get install -y --no-install-recommends x')
  })
})

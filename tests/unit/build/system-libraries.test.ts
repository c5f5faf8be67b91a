import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ensureLibraries, findMissing } from '../../../build/system-libraries.ts'

describe.runIf(process.platform === 'linux')('system libraries', () => {
  let dir = ''
  const command = (name: string, script: string): void => {
    writeFileSync(path.join(dir, name), `#!/bin/sh\n${script}\n`)
    chmodSync(path.join(dir, name), 0o755)
  }
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-path-'))
    // A system that has these commands and no others: in particular no Xvfb and no apt-get.
    symlinkSync('/usr/bin/which', path.join(dir, 'which'))
    symlinkSync('/bin/sh', path.join(dir, 'sh'))
    vi.stubEnv('PATH', dir)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true })
  })

  const lddMissing = `printf '\\tlibc.so.6 => /lib/libc.so.6 (0x1)\\n\\tlibnss3.so => not found\\n\\tlibgbm.so.1 => not found\\n'`

  it('are found missing by asking the binary', () => {
    command('ldd', lddMissing)
    expect(findMissing('/electron', false)).toEqual(['libnss3.so', 'libgbm.so.1'])
    expect(findMissing('/electron', true)).toEqual(['libnss3.so', 'libgbm.so.1', 'Xvfb'])
  })

  it('cost nothing when all is there', async () => {
    command('ldd', `printf '\\tlibc.so.6 => /lib/libc.so.6 (0x1)\\n'`)
    command('Xvfb', 'exit 0')
    command('apt-get', 'exit 9')
    await expect(ensureLibraries('/electron', true)).resolves.toBeUndefined()
  })

  it('are named in one sentence, with the command to run, where we cannot install them', async () => {
    command('ldd', lddMissing)
    await expect(ensureLibraries('/electron', false)).rejects.toThrow(
      'Electron needs system libraries that are missing (libnss3.so, libgbm.so.1); run: sudo npx playwright install-deps chromium',
    )
  })
})

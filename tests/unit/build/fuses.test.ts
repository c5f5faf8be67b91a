import { FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageFuses, setPackageFuses } from '../../../build/fuses.ts'

// What a binary holds around its fuses: sentinel, wire version, wire length, one byte per fuse ('1' on, '0' off).
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const binaryWith = (fuses: number): Buffer =>
  Buffer.concat([
    Buffer.from(`ELF ${sentinel}`),
    Buffer.from([1, fuses]),
    Buffer.from('1'.repeat(fuses)),
    Buffer.from('rest'),
  ])

describe('fuses of a package', () => {
  let dir = ''
  let file = ''
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-fuses-'))
    file = path.join(dir, 'electron')
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  it.each([8, 9])('are all set in a binary that has %i', async (count) => {
    writeFileSync(file, binaryWith(count))
    await setPackageFuses(file)
    const wire = await getCurrentFuseWire(file)
    const { version, ...states } = wire
    expect(version).toBe(FuseVersion.V1)
    const wanted = Object.entries(packageFuses).slice(0, count)
    expect(states).toEqual(
      Object.fromEntries(wanted.map(([fuse, isOn]) => [fuse, isOn ? FuseState.ENABLE : FuseState.DISABLE])),
    )
  })

  it('stop the build when the binary has one that nobody decided on', async () => {
    writeFileSync(file, binaryWith(10))
    await expect(setPackageFuses(file)).rejects.toThrow(/10 fuses/)
  })

  it('are off where they would let somebody in', () => {
    const off = [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
      FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
      FuseV1Options.GrantFileProtocolExtraPrivileges,
    ]
    expect(off.map((fuse) => packageFuses[fuse])).toEqual(off.map(() => false))
    expect(packageFuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(true)
    expect(packageFuses[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(true)
  })
})

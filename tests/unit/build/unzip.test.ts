import { mkdtempSync, readFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unzip } from '../../../build/unzip.ts'

interface Planted {
  readonly name: string
  readonly text: string
  readonly mode?: number
  readonly deflate?: boolean
  readonly crc?: number
}

/** A zip as APPNOTE.TXT describes it, so that wrong ones can be made too. */
function makeZip(files: readonly Planted[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, text, mode = 0o100644, deflate = true, crc } of files) {
    const bytes = Buffer.from(text)
    const packed = deflate ? deflateRawSync(bytes) : bytes
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(deflate ? 8 : 0, 4)
    common.writeUInt32LE(crc ?? crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(mode * 0x10000, 6)
    rest.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, rest, Buffer.from(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

describe('unzip', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-unzip-'))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  const unpack = (files: readonly Planted[], rename: (name: string) => string | null = (name) => name): string => {
    const zip = path.join(dir, 'a.zip')
    writeFileSync(zip, makeZip(files))
    const out = path.join(dir, 'out')
    unzip(zip, out, rename)
    return out
  }

  it('unpacks stored and deflated files, with their permissions, but never set-uid', () => {
    const out = unpack([
      { name: 'bin/run', text: 'x'.repeat(10_000), mode: 0o104755 },
      { name: 'plain', text: 'stored', deflate: false },
    ])
    expect(readFileSync(path.join(out, 'bin/run'), 'utf8')).toBe('x'.repeat(10_000))
    expect(statSync(path.join(out, 'bin/run')).mode & 0o7777).toBe(0o755)
    expect(readFileSync(path.join(out, 'plain'), 'utf8')).toBe('stored')
  })

  it('renames, and leaves out what has no new name', () => {
    const files = [
      { name: 'A/keep', text: '1' },
      { name: 'A/drop', text: '2' },
    ]
    const out = unpack(files, (name) => (name === 'A/keep' ? 'kept' : null))
    expect(existsSync(path.join(out, 'kept'))).toBe(true)
    expect(existsSync(path.join(out, 'A'))).toBe(false)
  })

  it.each(['../outside', '/etc/outside', 'a/../../outside'])('refuses the path %s', (name) => {
    expect(() => unpack([{ name, text: 'x' }])).toThrow(/leaves the folder/)
  })

  it('refuses a damaged file and a cut archive', () => {
    expect(() => unpack([{ name: 'a', text: 'x', crc: 1 }])).toThrow(/checksum/)
    const zip = path.join(dir, 'cut.zip')
    writeFileSync(zip, makeZip([{ name: 'a', text: 'x' }]).subarray(0, -23))
    expect(() => unzip(zip, path.join(dir, 'cut'), (name) => name)).toThrow(/zip:/)
  })
})

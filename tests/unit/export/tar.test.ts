/** Archives of ours against GNU tar, both ways, and against what is no archive. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openArchive, readWhole } from '../../../shared/audit/export-place.ts'
import { listTar, tarEnd, tarHeader, tarMemberBytesMax, tarPadding, type ByteStore } from '../../../shared/audit/tar.ts'
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import { makeOddArchives, paxRecord, typedMember } from '../../support/tamper-archive.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-tar-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const storeOf = (bytes: Uint8Array): ByteStore => ({
  size: bytes.length,
  slice: async function* (start, end) {
    // Small and uneven chunks: no reader may count on whole blocks.
    for (let at = start; at < end; at += 99) yield bytes.subarray(at, Math.min(end, at + 99))
  },
})

const mtime = Date.UTC(2026, 10, 23, 14, 0, 0)
const archiveOf = (files: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  concatBytes(
    ...files.flatMap(([name, bytes]) => [tarHeader(name, bytes.length, mtime), bytes, tarPadding(bytes.length)]),
    tarEnd(),
  )

const files = [
  ['export/export.json', utf8('{}\n')],
  ['export/log.jsonl', utf8('x'.repeat(1024))],
  ['export/README.txt', utf8('')],
  ['export/report.csv', utf8('Zoë, Ωμέγα\n'.repeat(100))],
] as const

describe('an archive of ours', () => {
  it('is opened by GNU tar: names, bytes, modes, times', () => {
    const file = path.join(dir, 'export.tar')
    writeFileSync(file, archiveOf(files))
    execFileSync('tar', ['-xf', file, '-C', dir])
    for (const [name, bytes] of files) {
      expect(readFileSync(path.join(dir, name))).toEqual(Buffer.from(bytes))
      const { mode, mtimeMs } = statSync(path.join(dir, name))
      expect([mode & 0o777, mtimeMs]).toEqual([0o600, mtime])
    }
    expect(execFileSync('tar', ['-tf', file]).toString().split('\n')).toEqual([...files.map(([name]) => name), ''])
  })

  it('is read again', async () => {
    const place = await openArchive(storeOf(archiveOf(files)))
    for (const [name, bytes] of files) {
      const found = await place?.(path.basename(name))
      expect(Buffer.from(await readWhole(found!, 65_536))).toEqual(Buffer.from(bytes))
    }
    expect(await place?.('nothing')).toBeNull()
  })

  it('does not promise what a header cannot hold', () => {
    expect(() => tarHeader('n'.repeat(101), 1, mtime)).toThrow(RangeError)
    expect(() => tarHeader('name', tarMemberBytesMax + 1, mtime)).toThrow(RangeError)
    expect(tarHeader('name', tarMemberBytesMax, mtime)).toHaveLength(512)
  })
})

describe('an archive packed by GNU tar', () => {
  it.each(['gnu', 'ustar', 'posix'])('in its %s format is read', async (format) => {
    mkdirSync(path.join(dir, 'export'))
    for (const [name, bytes] of files) writeFileSync(path.join(dir, name), bytes)
    const file = path.join(dir, 'again.tar')
    execFileSync('tar', [`--format=${format}`, '-C', dir, '-cf', file, './export'])
    const place = await openArchive(storeOf(readFileSync(file)))
    const log = await place?.('log.jsonl')
    expect(Buffer.from(await readWhole(log!, 65_536)).toString()).toBe('x'.repeat(1024))
  })
})

describe('what two tools unpack to different files', () => {
  const whole = archiveOf(files).subarray(0, -1024)
  const odd = makeOddArchives(new Map(files.map(([name, bytes]) => [path.basename(name), bytes])))

  it('is what GNU tar would have made of them', () => {
    const file = path.join(dir, 'forged.tar')
    writeFileSync(file, odd.find(([name]) => name === 'a second name in a pax header')?.[1] ?? '')
    execFileSync('tar', ['-xf', file, '-C', dir])
    expect(readFileSync(path.join(dir, 'export/log.jsonl'), 'utf8')).toBe('a forged log, seen by tar')
  })

  it.each(odd)('%s is refused', async (_, bytes) => {
    expect(await openArchive(storeOf(whole))).not.toBeNull()
    expect(await openArchive(storeOf(bytes))).toBeNull()
  })

  it('but times, owners and folders are no harm', async () => {
    const bytes = concatBytes(
      typedMember('g', 'pax', paxRecord('comment=by hand')),
      typedMember('5', './', ''),
      typedMember('5', './export/', ''),
      typedMember('x', 'pax', ['mtime=1.25', 'uname=Zoe', 'SCHILY.xattr.user.x=a=b\n'].map(paxRecord).join('')),
      whole,
      tarEnd(),
      new Uint8Array(10_240),
    )
    const place = await openArchive(storeOf(bytes))
    expect((await place?.('log.jsonl'))?.size).toBe(1024)
  })
})

describe('what is no export in one file', () => {
  const whole = archiveOf(files)

  it.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(4096)],
    ['text', utf8('not an archive '.repeat(200))],
    ['a damaged header', concatBytes(utf8('X'), whole.subarray(1))],
    ['two exports', archiveOf([...files, ['other/export.json', utf8('{}\n')]])],
    ['two files of one name', archiveOf([...files, ['./export/log.jsonl', utf8('other')]])],
    ['files, none of an export', archiveOf([['a', utf8('a')]])],
    ['a thousand members', archiveOf(Array.from({ length: 1000 }, (_, at) => [`n${String(at)}`, utf8('')] as const))],
  ])('%s is refused', async (_, bytes) => {
    expect(await openArchive(storeOf(bytes))).toBeNull()
  })

  it('but one that was cut off still holds what it holds', async () => {
    const cut = storeOf(whole.subarray(0, 512 + 512 + 512 + 100))
    const place = await openArchive(cut)
    expect((await place?.('log.jsonl'))?.size).toBe(100)
    expect(await place?.('report.csv')).toBeNull()
    expect(await listTar(storeOf(whole.subarray(0, 300)))).toBeNull()
  })
})

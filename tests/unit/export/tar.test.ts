/** Archives of ours against GNU tar, both ways, and against what is no archive. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openArchive, readWhole } from '../../../shared/audit/export-place.ts'
import { listTar, tarEnd, tarHeader, tarMemberBytesMax, tarPadding, type ByteStore } from '../../../shared/audit/tar.ts'
import { concatBytes, utf8 } from '../../../shared/bytes.ts'

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

/** A member of any kind, with any bytes. */
function typed(kind: string, name: string, content: string, link = ''): Uint8Array {
  const bytes = utf8(content)
  const header = tarHeader(name, bytes.length, mtime)
  header[156] = kind.charCodeAt(0)
  header.set(utf8(link), 157)
  return concatBytes(resum(header), bytes, tarPadding(bytes.length))
}

function resum(header: Uint8Array): Uint8Array {
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return header
}

function paxRecord(text: string): string {
  for (let length = text.length; ; length++) {
    const record = `${String(length)} ${text}\n`
    if (record.length === length) return record
  }
}

describe('what two tools unpack to different files', () => {
  const whole = archiveOf(files).subarray(0, -1024)
  const forged = typed('0', 'export/notes.txt', 'a forged log, seen by tar')
  const before = (...records: readonly string[]): Uint8Array =>
    concatBytes(whole, typed('x', 'pax', records.map(paxRecord).join('')), forged, tarEnd())
  const after = (...members: readonly Uint8Array[]): Uint8Array => concatBytes(whole, ...members, tarEnd())
  const named = (name: string): Uint8Array => after(typed('0', name, 'another'))
  const magic = tarHeader('export/magic', 0, mtime)
  magic.set(utf8('ustarX'), 257)

  it('is what GNU tar would have made of them', () => {
    const file = path.join(dir, 'forged.tar')
    writeFileSync(file, before('path=export/log.jsonl'))
    execFileSync('tar', ['-xf', file, '-C', dir])
    expect(readFileSync(path.join(dir, 'export/log.jsonl'), 'utf8')).toBe('a forged log, seen by tar')
  })

  it.each([
    ['a second name in a pax header', before('path=export/log.jsonl')],
    ['the same behind what is harmless', before('mtime=1.5', 'path=export/log.jsonl')],
    ['the same for all members', concatBytes(typed('g', 'pax', paxRecord('path=export/log.jsonl')), whole, tarEnd())],
    ['another size in a pax header', before('size=0')],
    ['a link in a pax header', before('linkpath=/etc/hostname')],
    ['a sparse file of GNU', before('GNU.sparse.name=export/log.jsonl')],
    ['another size of star', before('SCHILY.realsize=1')],
    ['a pax header that is none', after(typed('x', 'pax', 'nonsense'), forged)],
    ['a pax header too long', after(typed('x', 'pax', paxRecord(`comment=${'x'.repeat(65_536)}`)), forged)],
    ['a symbolic link over the log', after(typed('2', 'export/log.jsonl', '', '/etc/hostname'))],
    ['a hard link', after(typed('1', 'export/log.jsonl', '', 'export/README.txt'))],
    ['a long name of GNU', after(typed('L', '././@LongLink', 'export/log.jsonl\0'), forged)],
    ['a long link of GNU', after(typed('K', '././@LongLink', '/etc/hostname\0'), forged)],
    ['a sparse member', after(typed('S', 'export/log.jsonl', 'x'))],
    ['a contiguous file', after(typed('7', 'export/log.jsonl', 'x'))],
    ['a device', after(typed('3', 'export/device', ''))],
    ['a folder with bytes', after(typed('5', 'export/folder/', 'x'))],
    ['a folder of a file’s name', after(typed('5', 'export/log.jsonl/', ''))],
    ['a file under a file', named('export/log.jsonl/x')],
    ['another way to the log', named('export/./log.jsonl')],
    ['a way out and in again', named('x/../export/log.jsonl')],
    ['two slashes', named('export//log.jsonl')],
    ['a file that is a folder to some', named('export/log/')],
    ['the log in capitals', named('export/LOG.JSONL')],
    ['the log in a folder in capitals', named('Export/log.jsonl')],
    ['the log with a long s', named('export/log.j\u017fonl')],
    ['the log with a dot behind it', named('export/log.jsonl.')],
    ['a stream of the log', named('export/log.jsonl:$DATA')],
    ['a way for Windows', named('export\\log.jsonl')],
    ['a magic that some do not know', after(resum(magic))],
    ['a member behind the end', concatBytes(whole, tarEnd().subarray(512), forged, tarEnd())],
    ['a member behind both empty blocks', concatBytes(whole, tarEnd(), forged, tarEnd())],
  ])('%s is refused', async (_, bytes) => {
    expect(await openArchive(storeOf(whole))).not.toBeNull()
    expect(await openArchive(storeOf(bytes))).toBeNull()
  })

  it('but times, owners and folders are no harm', async () => {
    const bytes = concatBytes(
      typed('g', 'pax', paxRecord('comment=by hand')),
      typed('5', './', ''),
      typed('5', './export/', ''),
      typed('x', 'pax', ['mtime=1.25', 'uname=Zoe', 'SCHILY.xattr.user.x=a=b\n'].map(paxRecord).join('')),
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

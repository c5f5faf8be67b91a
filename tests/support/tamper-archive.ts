/** Archives that two tools would unpack to different files: every verifier must refuse them. */
import { tarEnd, tarHeader, tarPadding } from '../../shared/audit/tar.ts'
import { concatBytes, utf8 } from '../../shared/bytes.ts'
import type { Files } from './export-files.ts'

const mtime = Date.UTC(2026, 10, 23, 14, 0, 0)

/** A member of any kind, with any bytes. */
export function typedMember(kind: string, name: string, content: string, link = ''): Uint8Array {
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

export function paxRecord(text: string): string {
  for (let length = text.length; ; length++) {
    const record = `${String(length)} ${text}\n`
    if (record.length === length) return record
  }
}

/** These files in a folder `export`, without what an archive ends with. */
const packFiles = (files: Files): Uint8Array =>
  concatBytes(
    ...[...files].flatMap(([name, bytes]) => [
      tarHeader(`export/${name}`, bytes.length, mtime),
      bytes,
      tarPadding(bytes.length),
    ]),
  )

/** Name and bytes of each; all of them hold this export, and something more. */
export function makeOddArchives(files: Files): readonly (readonly [name: string, bytes: Uint8Array])[] {
  const whole = packFiles(files)
  const forged = typedMember('0', 'export/notes.txt', 'a forged log, seen by tar')
  const before = (...records: readonly string[]): Uint8Array =>
    concatBytes(whole, typedMember('x', 'pax', records.map(paxRecord).join('')), forged, tarEnd())
  const after = (...members: readonly Uint8Array[]): Uint8Array => concatBytes(whole, ...members, tarEnd())
  const named = (name: string): Uint8Array => after(typedMember('0', name, 'another'))
  const magic = tarHeader('export/magic', 0, mtime)
  magic.set(utf8('ustarX'), 257)

  return [
    ['a second name in a pax header', before('path=export/log.jsonl')],
    ['the same behind what is harmless', before('mtime=1.5', 'path=export/log.jsonl')],
    [
      'the same for all members',
      concatBytes(typedMember('g', 'pax', paxRecord('path=export/log.jsonl')), whole, tarEnd()),
    ],
    ['another size in a pax header', before('size=0')],
    ['a link in a pax header', before('linkpath=/etc/hostname')],
    ['a sparse file of GNU', before('GNU.sparse.name=export/log.jsonl')],
    ['another size of star', before('SCHILY.realsize=1')],
    ['a pax header that is none', after(typedMember('x', 'pax', 'nonsense'), forged)],
    ['a pax header too long', after(typedMember('x', 'pax', paxRecord(`comment=${'x'.repeat(65_536)}`)), forged)],
    ['a symbolic link over the log', after(typedMember('2', 'export/log.jsonl', '', '/etc/hostname'))],
    ['a hard link', after(typedMember('1', 'export/log.jsonl', '', 'export/README.txt'))],
    ['a long name of GNU', after(typedMember('L', '././@LongLink', 'export/log.jsonl\0'), forged)],
    ['a long link of GNU', after(typedMember('K', '././@LongLink', '/etc/hostname\0'), forged)],
    ['a sparse member', after(typedMember('S', 'export/log.jsonl', 'x'))],
    ['a contiguous file', after(typedMember('7', 'export/log.jsonl', 'x'))],
    ['a device', after(typedMember('3', 'export/device', ''))],
    ['a folder with bytes', after(typedMember('5', 'export/folder/', 'x'))],
    ['a folder of a file’s name', after(typedMember('5', 'export/log.jsonl/', ''))],
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
  ]
}

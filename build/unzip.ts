/**
 * A zip reader for the one archive whose hash we pin: entries stored or deflated, no encryption, no zip64. Small enough to
 * read, and `unzip` is missing on bare Debian. APPNOTE.TXT 6.3.10, sections 4.3.7 (local), 4.3.12 (central), 4.3.16 (end).
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32, inflateRawSync } from 'node:zlib'

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const symbolicLink = 0o120000

interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  readonly mode: number
  readonly offset: number
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, position) !== length) throw new Error('zip: the file is cut short')
  return bytes
}

function readDirectory(file: number): ZipEntry[] {
  const size = fstatSync(file).size
  const tailLength = Math.min(size, 65_557)
  const tail = readAt(file, size - tailLength, tailLength)
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--
  if (end < 0) throw new Error('zip: no end of central directory')
  const count = tail.readUInt16LE(end + 10)
  const directory = readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries: ZipEntry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (directory.readUInt32LE(at) !== centralSignature) throw new Error('zip: bad central directory')
    const method = directory.readUInt16LE(at + 10)
    if (method !== 0 && method !== 8) throw new Error(`zip: compression method ${String(method)}`)
    const nameLength = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      deflated: method === 8,
      crc: directory.readUInt32LE(at + 16),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

function readEntry(file: number, entry: ZipEntry): Buffer {
  const local = readAt(file, entry.offset, 30)
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  const packed = readAt(file, start, entry.packedSize)
  const bytes = entry.deflated ? inflateRawSync(packed, { maxOutputLength: entry.size + 1 }) : packed
  if (bytes.length !== entry.size) throw new Error(`zip: ${entry.name} has the wrong length`)
  if (crc32(bytes) !== entry.crc) throw new Error(`zip: ${entry.name} does not match its checksum`)
  return bytes
}

/**
 * Unpacks `zipFile` into `targetDir`, keeping permission bits.
 * @param rename gives an entry's path below `targetDir`, or null to leave the entry out.
 * @throws Error on a damaged archive or a path that leaves `targetDir`.
 */
export function unzip(zipFile: string, targetDir: string, rename: (name: string) => string | null): void {
  const file = openSync(zipFile, 'r')
  try {
    for (const entry of readDirectory(file)) {
      const relative = rename(entry.name)
      if (relative === null || relative === '' || entry.name.endsWith('/')) continue
      const target = path.resolve(targetDir, relative)
      if (!target.startsWith(path.resolve(targetDir) + path.sep))
        throw new Error(`zip: ${entry.name} leaves the folder`)
      mkdirSync(path.dirname(target), { recursive: true })
      const bytes = readEntry(file, entry)
      if ((entry.mode & 0o170000) === symbolicLink) symlinkSync(bytes.toString('utf8'), target)
      else writeFileSync(target, bytes, { mode: entry.mode & 0o755 || 0o644 })
    }
  } finally {
    closeSync(file)
  }
}

/**
 * The little of POSIX tar (ustar, IEEE Std 1003.1 "pax") that an export in one file needs. Any tool opens what is written
 * here, and what any tool packed again is read here; why by hand: docs/adr/0017-exports.md.
 */
import { concatBytes, utf8 } from '../bytes.ts'

const blockBytes = 512
/** Eleven octal digits. */
export const tarMemberBytesMax = 0o77777777777
/** An export has a dozen files. More is not ours, and must not keep anybody busy. */
const membersMax = 200

/** Bytes somewhere that can be read from any place: a file, or one that somebody chose in a browser. */
export interface ByteStore {
  readonly size: number
  /** The bytes from `start` up to, not including, `end`. */
  readonly slice: (start: number, end: number) => AsyncIterable<Uint8Array>
}

/** A regular file in an archive. */
export interface TarMember {
  readonly name: string
  /** Where its bytes begin. */
  readonly start: number
  /** As its header says; the archive may end before. */
  readonly size: number
}

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`

function checksumOf(header: Uint8Array): number {
  let sum = 0
  // The checksum's own field counts as eight spaces.
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte
  return sum
}

/**
 * Header of one regular file, mode 0600.
 * @param name at most 100 bytes of UTF-8
 * @param mtimeMs wall-clock milliseconds
 * @throws RangeError when `name` or `size` does not fit
 */
export function tarHeader(name: string, size: number, mtimeMs: number): Uint8Array<ArrayBuffer> {
  const path = utf8(name)
  if (path.length > 100 || size > tarMemberBytesMax) throw new RangeError('does not fit into a tar header')
  const header = new Uint8Array(blockBytes)
  const put = (at: number, text: string): void => header.set(utf8(text), at)
  header.set(path, 0)
  put(100, octal(0o600, 7))
  put(108, octal(0, 7))
  put(116, octal(0, 7))
  put(124, octal(size, 11))
  put(136, octal(Math.max(0, Math.floor(mtimeMs / 1000)), 11))
  put(156, '0')
  put(257, 'ustar\0')
  put(263, '00')
  put(148, `${checksumOf(header).toString(8).padStart(6, '0')}\0 `)
  return header
}

/** What follows `size` bytes of a file up to the next block. */
export const tarPadding = (size: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array((blockBytes - (size % blockBytes)) % blockBytes)

/** What an archive ends with. */
export const tarEnd = (): Uint8Array<ArrayBuffer> => new Uint8Array(2 * blockBytes)

async function readBlock(store: ByteStore, start: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of store.slice(start, start + blockBytes)) parts.push(part)
  return concatBytes(...parts)
}

const ascii = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return String.fromCharCode(...(end === -1 ? bytes : bytes.subarray(0, end)))
}

const decoder = new TextDecoder('utf-8')

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length)
  const end = field.indexOf(0)
  return decoder.decode(end === -1 ? field : field.subarray(0, end))
}

function numberAt(header: Uint8Array, at: number, length: number): number | null {
  const text = ascii(header.subarray(at, at + length)).trim()
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : null
}

interface Header {
  readonly name: string
  readonly size: number
  readonly kind: string
}

function parseHeader(header: Uint8Array): Header | null {
  const size = numberAt(header, 124, 12)
  if (size === null || numberAt(header, 148, 8) !== checksumOf(header) || textAt(header, 257, 5) !== 'ustar')
    return null
  const prefix = textAt(header, 345, 155)
  const name = textAt(header, 0, 100)
  // GNU's own variant ("ustar  ") keeps other things where POSIX has the prefix.
  const isPosix = header[262] === 0
  return {
    name: isPosix && prefix !== '' ? `${prefix}/${name}` : name,
    size,
    kind: String.fromCharCode(header[156] ?? 0),
  }
}

/**
 * The regular files in an archive, in order, also of one that was cut off.
 * @returns null when it is not a tar archive, or one with a damaged header: what stands behind that cannot be found
 */
export async function listTar(store: ByteStore): Promise<readonly TarMember[] | null> {
  const members: TarMember[] = []
  for (let at = 0, count = 0; at + blockBytes <= store.size; count++) {
    const block = await readBlock(store, at)
    if (block.every((byte) => byte === 0)) break
    const header = parseHeader(block)
    if (header === null || count >= membersMax) return null
    const start = at + blockBytes
    if (header.kind === '0' || header.kind === '\0') members.push({ name: header.name, start, size: header.size })
    at = start + Math.ceil(header.size / blockBytes) * blockBytes
  }
  return members.length === 0 ? null : members
}

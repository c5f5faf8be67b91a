/**
 * The little of POSIX tar (ustar, IEEE Std 1003.1 "pax") that an export in one file needs. Any tool opens what is written
 * here, and what any tool packed again is read here; why by hand: docs/adr/0017-exports.md.
 */
import { concatBytes, utf8 } from '../bytes.ts'
import { isHarmlessPax, memberKey, plainMemberName } from './tar-rules.ts'

const blockBytes = 512
/** Eleven octal digits. */
export const tarMemberBytesMax = 0o77777777777
/** An export has a dozen files. More is not ours, and must not keep anybody busy. */
const membersMax = 200
/** What one member says besides. */
const paxBytesMax = 65_536
/** Empty blocks at the end: tools fill their last record, of 10 KiB mostly. */
const tailBytesMax = 1_048_576

/** Bytes somewhere that can be read from any place: a file, or one that somebody chose in a browser. */
export interface ByteStore {
  readonly size: number
  /** The bytes from `start` up to, not including, `end`. */
  readonly slice: (start: number, end: number) => AsyncIterable<Uint8Array>
}

/** A regular file in an archive. */
export interface TarMember {
  /** Without a leading "./". */
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

const posixMagic = 'ustar\0'
/** GNU's own variant keeps other things where POSIX has the prefix. */
const gnuMagic = 'ustar  \0'

function parseHeader(header: Uint8Array): Header | null {
  const size = numberAt(header, 124, 12)
  if (size === null || numberAt(header, 148, 8) !== checksumOf(header)) return null
  const magic = String.fromCharCode(...header.subarray(257, 265))
  const isPosix = magic.startsWith(posixMagic)
  if (!isPosix && magic !== gnuMagic) return null
  const prefix = isPosix ? textAt(header, 345, 155) : ''
  const name = textAt(header, 0, 100)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    kind: String.fromCharCode(header[156] ?? 0),
  }
}

async function readBytes(store: ByteStore, start: number, end: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of store.slice(start, end)) parts.push(part)
  return concatBytes(...parts)
}

/** Tools disagree on what stands behind the first empty block: nothing may. */
async function endsHere(store: ByteStore, at: number): Promise<boolean> {
  if (store.size - at > tailBytesMax) return false
  const tail = await readBytes(store, at, store.size)
  return tail.every((byte) => byte === 0)
}

/** Regular files and folders, each name once as every file system sees it. */
interface Names {
  /** False when the member must not be there. */
  readonly addFile: (name: string) => boolean
  readonly addFolder: (name: string) => boolean
}

function createNames(): Names {
  const files = new Set<string>()
  const folders = new Set<string>()
  /** A folder that is a file to another tool hides what is in it. */
  function addFolder(name: string): boolean {
    const key = memberKey(name)
    if (files.has(key)) return false
    folders.add(key)
    const parent = name.lastIndexOf('/')
    return parent === -1 || addFolder(name.slice(0, parent))
  }
  return {
    addFile: (name) => {
      const key = memberKey(name)
      if (files.has(key) || folders.has(key)) return false
      files.add(key)
      const parent = name.lastIndexOf('/')
      return parent === -1 || addFolder(name.slice(0, parent))
    },
    addFolder,
  }
}

/**
 * The regular files in an archive, in order, also of one that was cut off. Names without a leading "./".
 * @returns null when it is not a tar archive, has a damaged header (what stands behind that cannot be found), or holds anything
 *   that two tools could unpack to different files: links, devices, long or second names, sparse files, a name twice
 */
export async function listTar(store: ByteStore): Promise<readonly TarMember[] | null> {
  const members: TarMember[] = []
  const names = createNames()
  for (let at = 0, count = 0; at + blockBytes <= store.size; count++) {
    const block = await readBytes(store, at, at + blockBytes)
    if (block.every((byte) => byte === 0)) {
      if (await endsHere(store, at)) break
      return null
    }
    const header = parseHeader(block)
    if (header === null || count >= membersMax) return null
    const { kind, size } = header
    const start = at + blockBytes
    if (kind === 'x' || kind === 'g') {
      if (size > paxBytesMax || !isHarmlessPax(await readBytes(store, start, Math.min(start + size, store.size))))
        return null
    } else if (kind === '5') {
      const folder = header.name.replace(/\/+$/, '')
      const name = plainMemberName(folder)
      if (size !== 0 || (folder !== '.' && (name === null || !names.addFolder(name)))) return null
    } else if (kind === '0' || kind === '\0') {
      const name = plainMemberName(header.name)
      if (name === null || !names.addFile(name)) return null
      members.push({ name, start, size })
    } else return null
    at = start + Math.ceil(size / blockBytes) * blockBytes
  }
  return members.length === 0 ? null : members
}

/**
 * An append-only file of lines on a disk that may vanish or be cut off at any moment. Whatever a crash can leave at its end (a
 * line without its newline, blocks of zeros) is cut off before anything is appended; anything else is somebody's doing.
 */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { HalliganError } from '../../../shared/errors.ts'

const newline = 0x0a
/** More than the longest line (1 MiB) with its newline. */
const tailBytes = 1_310_720

export interface LineFileEnd {
  /** Where the next line goes: everything before it is whole lines. */
  readonly length: number
  /** The last whole line without its newline; null when there is none. */
  readonly lastLine: Uint8Array | null
}

async function readTail(handle: FileHandle, size: number, atMost: number): Promise<Buffer> {
  const tail = Buffer.alloc(Math.min(size, atMost))
  let have = 0
  while (have < tail.length) {
    const { bytesRead } = await handle.read(tail, have, tail.length - have, size - tail.length + have)
    if (bytesRead === 0) throw new HalliganError('SINK_UNREACHABLE', { reason: 'short-read' })
    have += bytesRead
  }
  return tail
}

/** Index after the last whole line of `tail` that holds no zero byte: JSON never does. */
function endOfLines(tail: Buffer): number {
  let end = tail.lastIndexOf(newline) + 1
  while (end > 0) {
    const start = end < 2 ? 0 : tail.lastIndexOf(newline, end - 2) + 1
    if (!tail.subarray(start, end).includes(0)) return end
    end = start
  }
  return 0
}

/** Bytes of what is open. @throws HalliganError SINK_SCHEMA_MISSING when it is no regular file */
export async function requireFile(handle: FileHandle): Promise<number> {
  const found = await handle.stat()
  if (!found.isFile()) throw new HalliganError('SINK_SCHEMA_MISSING', { reason: 'not-a-file' })
  return found.size
}

/** @throws HalliganError SINK_DIVERGED when the end of the file is nothing that we wrote, in whole or in part */
export async function findEnd(handle: FileHandle): Promise<LineFileEnd> {
  const size = await requireFile(handle)
  // Most lines are short: a small look first.
  for (const atMost of [16_384, tailBytes]) {
    const tail = await readTail(handle, size, atMost)
    const end = endOfLines(tail)
    const start = end < 2 ? 0 : tail.lastIndexOf(newline, end - 2) + 1
    const isWhole = tail.length === size
    if (start > 0 || (isWhole && end > 0)) {
      return { length: size - tail.length + end, lastLine: tail.subarray(start, end - 1) }
    }
    if (isWhole) return { length: 0, lastLine: null }
  }
  throw new HalliganError('SINK_DIVERGED', { reason: 'not-lines' })
}

const flags = constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Opens `file` (made with mode 0600 if it is not there), gives its end to `use`, closes it. */
export async function withLineFile<T>(
  file: string,
  use: (handle: FileHandle, end: LineFileEnd) => Promise<T>,
): Promise<T> {
  const handle = await open(file, flags, 0o600)
  try {
    return await use(handle, await findEnd(handle))
  } finally {
    await handle.close()
  }
}

/** Appends whole lines after `end` and makes them durable; what a full disk took of them only in part is cut off again. */
export async function appendLines(handle: FileHandle, end: LineFileEnd, lines: Uint8Array): Promise<void> {
  const { size } = await handle.stat()
  if (size > end.length) await handle.truncate(end.length)
  try {
    for (let done = 0; done < lines.length;) {
      const { bytesWritten } = await handle.write(lines, done, lines.length - done, end.length + done)
      done += bytesWritten
    }
    await handle.sync()
  } catch (error) {
    await handle.truncate(end.length).catch(() => undefined)
    throw error
  }
}

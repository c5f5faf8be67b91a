/** The signed manifests beside the lines: appended once each, in their order. */
import type { FileHandle } from 'node:fs/promises'
import { logLine } from '../../../shared/audit/export.ts'
import { concatBytes, sameBytes } from '../../../shared/bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkBatch } from '../sink.ts'
import { appendLines, withLineFile } from './log-file.ts'

const newline = 0x0a
/** As much as the verifier reads. The stick may be anybody's: more than this is nothing that we wrote. */
const fileBytesMax = 268_435_456
const pieceBytes = 65_536

/** Which of `wanted` are there as they should be, and how many lines there are, a piece of the file at a time. */
async function compareLines(
  handle: FileHandle,
  length: number,
  wanted: SinkBatch['manifests'],
): Promise<{ readonly count: number; readonly differing: number | null }> {
  const byVersion = new Map(wanted.map(({ version, bytes }) => [version, bytes]))
  const piece = Buffer.alloc(pieceBytes)
  let version = 1
  /** How much of the line of `version` was the same so far; -1 once it was not. */
  let same = 0
  let differing: number | null = null
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(piece, 0, Math.min(pieceBytes, length - at), at)
    if (bytesRead === 0) throw new HalliganError('SINK_UNREACHABLE', { reason: 'short-read' })
    at += bytesRead
    const read = piece.subarray(0, bytesRead)
    for (let start = 0; start < bytesRead;) {
      const found = read.indexOf(newline, start)
      const part = read.subarray(start, found < 0 ? bytesRead : found)
      const bytes = byVersion.get(version)
      if (bytes !== undefined && same >= 0) {
        same = sameBytes(bytes.subarray(same, same + part.length), part) ? same + part.length : -1
      }
      if (found < 0) break
      if (bytes !== undefined && same !== bytes.length) differing ??= version
      version++
      same = 0
      start = found + 1
    }
  }
  return { count: version - 1, differing }
}

/**
 * Appends those of `manifests` that are not there yet.
 * @throws HalliganError SINK_DIVERGED {reason: 'manifest', version} when another is in the place of one, {reason: 'too-large'}
 */
export async function appendManifests(file: string, manifests: SinkBatch['manifests']): Promise<void> {
  if (manifests.length === 0) return
  await withLineFile(file, async (handle, end) => {
    if (end.length > fileBytesMax) throw new HalliganError('SINK_DIVERGED', { reason: 'too-large' })
    const { count, differing } = await compareLines(handle, end.length, manifests)
    // Delivered again after a crash: the same, or somebody rewrote it.
    if (differing !== null) throw new HalliganError('SINK_DIVERGED', { reason: 'manifest', version: differing })
    const fresh = manifests.filter(({ version }) => version > count)
    if (fresh.length === 0) return
    if (fresh[0]?.version !== count + 1) throw new HalliganError('SINK_FAILED', { reason: 'manifest-gap' })
    await appendLines(handle, end, concatBytes(...fresh.map(({ bytes }) => logLine(bytes))))
  })
}

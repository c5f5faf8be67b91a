/** An export on disk, a folder or an archive, for the verifier (docs/format.md, "Export"). */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { openArchive, type ExportFile, type ExportPlace } from '../../shared/audit/export-place.ts'
import { exportFiles } from '../../shared/audit/export.ts'

const chunkBytes = 256 * 1024

const sizeOfFile = async (file: string): Promise<number | null> => {
  const found = await stat(file).catch(() => null)
  return found?.isFile() === true ? found.size : null
}

const openFolder =
  (dir: string): ExportPlace =>
  async (name) => {
    const file = path.join(dir, name)
    const size = await sizeOfFile(file)
    return size === null ? null : { size, bytes: () => createReadStream(file, { highWaterMark: chunkBytes }) }
  }

const openFileStore = (file: string, size: number) =>
  openArchive({
    size,
    slice: async function* (start, end) {
      // Node reads one byte too many where a range is empty.
      if (start < end) yield* createReadStream(file, { start, end: end - 1, highWaterMark: chunkBytes })
    },
  })

/** Opens an export folder or an archive of one; null when there is neither. */
export async function openExport(target: string): Promise<ExportPlace | null> {
  const size = await sizeOfFile(target)
  if (size !== null) return openFileStore(target, size)
  const place = openFolder(target)
  for (const name of [exportFiles.log, exportFiles.entries]) if ((await place(name)) !== null) return place
  return null
}

/** The same place; says how much of the entries has been read, from 0 to 1. */
export const watchPlace =
  (place: ExportPlace, onRead: (fraction: number) => void): ExportPlace =>
  async (name) => {
    const file = await place(name)
    if (file === null || (name !== exportFiles.log && name !== exportFiles.entries)) return file
    return { size: file.size, bytes: () => watchBytes(file, onRead) }
  }

async function* watchBytes(
  { size, bytes }: ExportFile,
  onRead: (fraction: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0
  for await (const chunk of bytes()) {
    yield chunk
    done += chunk.length
    onRead(done / size)
  }
}

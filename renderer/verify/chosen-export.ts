/** What somebody chose or dropped: files of a folder, or an archive. */
import { openArchive, type ExportFile, type ExportPlace } from '../../shared/audit/export-place.ts'
import { exportFiles } from '../../shared/audit/export.ts'

/** Chunks of a part of a file, never all of it: logs may be larger than memory. */
async function* readBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

const asExportFile = (file: File): ExportFile => ({ size: file.size, bytes: () => readBlob(file) })

const isMain = (name: string): boolean => name === exportFiles.log || name === exportFiles.entries

/** How deep a file lies in what was chosen; a file by itself lies at the top. */
const depthOf = (file: File): number => file.webkitRelativePath.split('/').length

/**
 * The export among `files`.
 * @returns null when there is none, or more than one
 */
export async function findExport(files: readonly File[]): Promise<ExportPlace | null> {
  const [only, ...others] = files
  if (only !== undefined && others.length === 0 && !isMain(only.name)) {
    return openArchive({ size: only.size, slice: (start, end) => readBlob(only.slice(start, end)) })
  }
  const shallowest = Math.min(...files.map(depthOf))
  const here = files.filter((file) => depthOf(file) === shallowest)
  const byName = new Map(here.map((file) => [file.name, file]))
  if (byName.size !== here.length || !here.some(({ name }) => isMain(name))) return null
  return (name) => {
    const file = byName.get(name)
    return Promise.resolve(file === undefined ? null : asExportFile(file))
  }
}

/** The same place; says after every chunk of the entries how many of their bytes have been read. */
export const watchEntries =
  (place: ExportPlace, onRead: (done: number, total: number) => Promise<void>): ExportPlace =>
  async (name) => {
    const file = await place(name)
    if (file === null || !isMain(name)) return file
    return {
      size: file.size,
      bytes: async function* () {
        let done = 0
        for await (const chunk of file.bytes()) {
          // Small pieces, so that the page answers between two of them.
          for (let at = 0; at < chunk.length; at += 16_384) {
            const part = chunk.subarray(at, at + 16_384)
            yield part
            done += part.length
            await onRead(done, file.size)
          }
        }
      },
    }
  }

async function* walk(entry: FileSystemEntry): AsyncGenerator<File> {
  if (entry.isFile) {
    yield await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    // One level: an export is flat.
    for (const inner of batch) if (inner.isFile) yield* walk(inner)
  }
}

/** Files of what was dropped: a folder's, or those dropped by themselves. */
export async function readDropped(transfer: DataTransfer): Promise<File[]> {
  // All at once: what was dropped is out of reach after the first pause.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return [...transfer.files]
  const files: File[] = []
  for (const entry of entries) for await (const file of walk(entry)) files.push(file)
  return files
}

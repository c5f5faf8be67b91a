/** An export folder as a source for the verifier (docs/format.md, "Export"). */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { createCheckpointSplitter, exportFiles } from '../../shared/audit/export.ts'
import type { LogSource } from '../../shared/audit/verify-log.ts'
import { HalliganError } from '../../shared/errors.ts'
import { readLines } from './read-lines.ts'

const chunkBytes = 256 * 1024
/** Manifests are few and bounded by their schema; what is longer is not ours. */
const manifestsBytesMax = 256 * 1_048_576

/** The three files as they can be read. */
export interface ExportBytes {
  readonly log: () => AsyncIterable<Uint8Array>
  readonly checkpoints: () => AsyncIterable<Uint8Array>
  readonly manifests: () => Promise<Uint8Array>
}

async function* entriesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  const torn: Uint8Array[] = []
  // Without its newline the last entry may be cut off: with one byte more it is no canonical entry, and is refused.
  yield* readLines(chunks, (line) => torn.push(Buffer.concat([line, Uint8Array.of(0)])))
  yield torn
}

async function* notesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const splitter = createCheckpointSplitter()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let torn = ''
  const lines = readLines(chunks, (line) => {
    torn = decoder.decode(line)
  })
  for await (const batch of lines) {
    const notes: string[] = []
    for (const line of batch) {
      const note = splitter.addLine(decoder.decode(line))
      if (note !== undefined) notes.push(note)
    }
    yield notes
  }
  const last = splitter.end()
  // A note without its final newline is no note; the verifier says so.
  if (torn !== '' || last !== undefined) yield [`${last ?? ''}${torn}`]
}

async function linesOf(bytes: Promise<Uint8Array>): Promise<readonly Uint8Array[]> {
  const lines: Uint8Array[] = []
  async function* once(): AsyncGenerator<Uint8Array> {
    yield await bytes
  }
  for await (const batch of readLines(once(), (line) => lines.push(Buffer.concat([line, Uint8Array.of(0)])))) {
    lines.push(...batch)
  }
  return lines
}

/** A {@link LogSource} over the bytes of an export; has no records. */
export const createExportSource = (files: ExportBytes): LogSource => ({
  manifests: () => linesOf(files.manifests()),
  entries: () => entriesOf(files.log()),
  checkpoints: () => notesOf(files.checkpoints()),
  records: null,
})

/**
 * Opens an export folder.
 * @throws HalliganError VAULT_MISSING {file} when one of its files is not there
 */
export async function openExportFolder(dir: string): Promise<LogSource> {
  const fileOf = (name: string): string => path.join(dir, name)
  for (const name of [exportFiles.log, exportFiles.checkpoints, exportFiles.manifests]) {
    const found = await stat(fileOf(name)).catch(() => null)
    if (found?.isFile() !== true) throw new HalliganError('VAULT_MISSING', { file: name })
  }
  const stream = (name: string): AsyncIterable<Uint8Array> =>
    createReadStream(fileOf(name), { highWaterMark: chunkBytes })
  return createExportSource({
    log: () => stream(exportFiles.log),
    checkpoints: () => stream(exportFiles.checkpoints),
    manifests: async () => {
      const file = fileOf(exportFiles.manifests)
      if ((await stat(file)).size > manifestsBytesMax) throw new HalliganError('VAULT_DAMAGED', { file })
      return readFile(file)
    },
  })
}

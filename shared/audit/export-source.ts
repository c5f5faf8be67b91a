/**
 * The files of an export as a source for the verifier (docs/format.md, "Export"), wherever they come from: a folder, an
 * archive, or files that somebody chose in a browser.
 */
import { concatBytes } from '../bytes.ts'
import { createCheckpointSplitter } from './export.ts'
import { readLines } from './read-lines.ts'
import type { LogSource } from './verify-log.ts'

/** The three files as they can be read. */
export interface ExportBytes {
  readonly log: () => AsyncIterable<Uint8Array>
  readonly checkpoints: () => AsyncIterable<Uint8Array>
  readonly manifests: () => Promise<Uint8Array>
}

/** Without its newline a last line may be cut off: with one byte more it is nothing canonical, and is refused. */
const spoil = (line: Uint8Array): Uint8Array => concatBytes(line, Uint8Array.of(0))

async function* entriesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  const torn: Uint8Array[] = []
  yield* readLines(chunks, (line) => torn.push(spoil(line)))
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

/** Lines one by one; the last one without its newline is nothing that can be read. */
export async function* readRawLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const batch of entriesOf(chunks)) yield* batch
}

async function linesOf(bytes: Promise<Uint8Array>): Promise<readonly Uint8Array[]> {
  const lines: Uint8Array[] = []
  async function* once(): AsyncGenerator<Uint8Array> {
    yield await bytes
  }
  for await (const batch of readLines(once(), (line) => lines.push(spoil(line)))) lines.push(...batch)
  return lines
}

/** A {@link LogSource} over the bytes of an export; has no records. */
export const createExportSource = (files: ExportBytes): LogSource => ({
  manifests: () => linesOf(files.manifests()),
  entries: () => entriesOf(files.log()),
  checkpoints: () => notesOf(files.checkpoints()),
  records: null,
})

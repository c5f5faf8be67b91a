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
  readonly manifests: () => AsyncIterable<Uint8Array>
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

/** Versions of the manifest. A vault that changes its people daily has so many after 179 years. */
const manifestsMax = 65_536

async function manifestsOf(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const lines: Uint8Array[] = []
  for await (const batch of entriesOf(chunks)) {
    // One by one: a batch may have more lines than a call may have arguments.
    for (const line of batch) {
      // What comes after is not looked at: one more line, which is no manifest, says so.
      if (lines.length === manifestsMax) return [...lines, new Uint8Array(0)]
      // A copy: the line must not keep the chunk that it was read with.
      lines.push(line.slice())
    }
  }
  return lines
}

/** A {@link LogSource} over the bytes of an export; has no records. */
export const createExportSource = (files: ExportBytes): LogSource => ({
  manifests: () => manifestsOf(files.manifests()),
  entries: () => entriesOf(files.log()),
  checkpoints: () => notesOf(files.checkpoints()),
  records: null,
})

/**
 * The export's files: names and framing (docs/format.md, "Export"). The writer is in electron/vault/export/, the readers are in
 * electron/cli/ and renderer/verify/; all stand on this file.
 */
import { concatBytes, utf8 } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import type { SignedManifest } from '../contracts/strongroom.ts'
import { noteLengthMax } from './note.ts'

/** Names of the files that verification reads, and of the text beside them. A whole export has `log`, a part `entries` and `proofs`. */
export const exportFiles = {
  description: 'export.json',
  log: 'log.jsonl',
  entries: 'entries.jsonl',
  proofs: 'proofs.jsonl',
  checkpoints: 'checkpoints.txt',
  manifests: 'manifests.jsonl',
  readme: 'README.txt',
} as const

/** What people read or run beside the log: only `export.json` vouches for them, and an export without it has none of them. */
export const filesForPeople = ['ceremonies.csv', 'report.csv', 'report.pdf', 'verify.html', 'verify.mjs'] as const

/** Name of the database in a vault folder. */
export const vaultDatabaseFile = 'vault.sqlite3'

const newline = utf8('\n')

/** One line of `log.jsonl`: the entry's exact bytes (canonical JSON holds no raw newline) and a newline. */
export const logLine = (entryBytes: Uint8Array): Uint8Array<ArrayBuffer> => concatBytes(entryBytes, newline)

/** One line of `manifests.jsonl`, versions ascending from 1. */
export const manifestLine = (signed: SignedManifest): Uint8Array<ArrayBuffer> =>
  concatBytes(canonicalBytes(signed), newline)

/**
 * What is written to `checkpoints.txt` for one note: the note as it is, after one empty line unless it is the first. Sizes
 * ascend strictly. A note holds exactly one empty line itself (our checkpoint texts have none), so blocks alternate.
 */
export const checkpointPart = (note: string, first: boolean): string => (first ? note : `\n${note}`)

/** Splits the lines of `checkpoints.txt` into notes again. */
export interface CheckpointSplitter {
  /** Takes one line without its newline; returns the note that this line ended, if any. */
  readonly addLine: (line: string) => string | undefined
  /** The last note, once the file has ended; undefined when the file is empty. */
  readonly end: () => string | undefined
}

/**
 * Streaming inverse of {@link checkpointPart}. It never refuses: a damaged framing yields a damaged note, which the
 * verifier names.
 */
export function createCheckpointSplitter(): CheckpointSplitter {
  let note = ''
  let emptyLines = 0
  let isPromised = false
  return {
    addLine: (line) => {
      if (line === '') emptyLines++
      if (emptyLines < 2) {
        // A note that never ends must not fill the memory. Cut, it is still too long to be one.
        if (note.length <= noteLengthMax) note += `${line}\n`.slice(0, noteLengthMax + 1)
        return undefined
      }
      const ended = note
      note = ''
      emptyLines = 0
      isPromised = true
      return ended
    },
    // After a separator there must be a note; nothing is a note that cannot be read.
    end: () => (note === '' && !isPromised ? undefined : note),
  }
}

/** The last note of a file: a checkpoint by itself, or an earlier export's `checkpoints.txt` as it is. */
export function lastNote(text: string): string {
  const splitter = createCheckpointSplitter()
  // What follows the final newline is no line.
  const lines = text.split('\n').slice(0, -1)
  const notes = lines.map(splitter.addLine)
  return splitter.end() ?? notes.findLast((note) => note !== undefined) ?? text
}

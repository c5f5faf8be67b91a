/** Runs the verifier over a source: an export folder, a vault's database, or what a test has in hand. */
import type { Primitives } from '../primitives.ts'
import { parseCheckpoint } from './checkpoint.ts'
import type { StoredRecord } from './records.ts'
import type { VerifyReport } from './report.ts'
import type { Known } from './known-checkpoint.ts'
import { createLogVerifier, type LogVerifier, type LogVerifierOptions } from './verify.ts'

/** Where a log is read from, in batches, so that memory stays flat whatever its size. */
export interface LogSource {
  /** Canonical `{manifest, signatures}`, version 1 first. All of them: they are few. */
  readonly manifests: () => Promise<readonly Uint8Array[]>
  /** Exact bytes, in order. */
  readonly entries: () => AsyncIterable<readonly Uint8Array[]>
  /** Signed notes, sizes ascending. */
  readonly checkpoints: () => AsyncIterable<readonly string[]>
  /** Sealed records; null when the source has none (an export). */
  readonly records: (() => AsyncIterable<StoredRecord>) | null
}

export interface VerifyLogOptions extends Known {
  /** As in {@link LogVerifierOptions}. */
  readonly onEntry?: LogVerifierOptions['onEntry']
  /** Called after every batch with the number of entries checked so far. */
  readonly onProgress?: (done: number) => void
}

/** Notes one by one, with the size at which each is due: at once when it is not a checkpoint at all. */
function createNoteQueue(source: AsyncIterable<readonly string[]>) {
  const batches = source[Symbol.asyncIterator]()
  let batch: readonly string[] = []
  let at = 0
  let due = 0
  return {
    /** Size at which the next note is due; Infinity after the last. */
    due: () => due,
    /** Loads the first note, or the one after {@link take}, when the batch in hand is used up. */
    load: async (): Promise<void> => {
      while (at >= batch.length) {
        const next = await batches.next()
        if (next.done === true) {
          due = Infinity
          return
        }
        batch = next.value
        at = 0
      }
      due = parseCheckpoint(batch[at] ?? '')?.size ?? 0
    },
    take: (): string => batch[at++] ?? '',
  }
}

/**
 * Feeds a whole log to a verifier.
 * @returns the verifier, which has its report; never throws on what the log holds, only when `source` does.
 */
export async function runLogVerifier(
  primitives: Primitives,
  source: LogSource,
  options: VerifyLogOptions,
): Promise<LogVerifier> {
  const { knownCheckpoint, knownWords, onEntry } = options
  const verifier = createLogVerifier(primitives, {
    manifests: await source.manifests(),
    knownCheckpoint,
    withRecords: source.records !== null,
    ...(knownWords === undefined ? {} : { knownWords }),
    ...(onEntry === undefined ? {} : { onEntry }),
  })
  const notes = createNoteQueue(source.checkpoints())
  await notes.load()
  for await (const batch of source.entries()) {
    for (const bytes of batch) {
      verifier.addEntry(bytes)
      while (notes.due() <= verifier.size()) {
        verifier.addCheckpoint(notes.take())
        await notes.load()
      }
    }
    options.onProgress?.(verifier.size())
  }
  while (notes.due() !== Infinity) {
    verifier.addCheckpoint(notes.take())
    await notes.load()
  }
  if (source.records !== null) for await (const record of source.records()) verifier.addRecord(record)
  return verifier
}

/** Verifies a whole log. @returns the report; throws as {@link runLogVerifier} */
export const verifyLog = async (
  primitives: Primitives,
  source: LogSource,
  options: VerifyLogOptions,
): Promise<VerifyReport> => (await runLogVerifier(primitives, source, options)).report()

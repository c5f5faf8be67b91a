/** Verifying an export on disk: what `halligan verify` and the stand-alone verify.mjs share. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ExportPlace } from '../../shared/audit/export-place.ts'
import { lastNote } from '../../shared/audit/export.ts'
import type { Known } from '../../shared/audit/known-checkpoint.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import type { LogSource } from '../../shared/audit/verify-log.ts'
import { verifyExport } from '../../shared/audit/verify-export.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { exitCode } from './exit-codes.ts'
import { watchPlace } from './export-source.ts'
import { verifyAhead } from './verify-ahead.ts'

/** @param fraction from 0 to 1 */
export type WatchProgress = (fraction: number, entries: number) => void

/**
 * The checkpoint in a file that somebody names; the last of several.
 * @throws HalliganError VAULT_MISSING {file}
 */
export async function readKnownCheckpoint(file: string | null): Promise<string | null> {
  if (file === null) return null
  try {
    return lastNote(await readFile(file, 'utf8'))
  } catch (error) {
    throw new HalliganError('VAULT_MISSING', { file: file.slice(-300) }, error)
  }
}

/** Verifies an export. @param watch sees the entries go by, and hands on the same. @throws HalliganError VAULT_MISSING {file}, VAULT_DAMAGED {file} */
export async function verifyPlace(
  place: ExportPlace,
  known: Known,
  onProgress: WatchProgress | undefined,
  watch: (source: LogSource) => LogSource = (source) => source,
): Promise<VerifyReport> {
  let fraction = 0
  const watched = watchPlace(place, (read) => {
    fraction = read
  })
  const { primitives, prepare } = verifyAhead(nodePrimitives)
  return verifyExport(primitives, watched, {
    ...known,
    prepare: (source) => prepare(watch(source)),
    createHash: () => createHash('sha256'),
    onProgress: (entries) => onProgress?.(fraction, entries),
  })
}

/** Exit code of a report: 0, 1 or 3 (docs/command-line.md). */
export function exitCodeOf({ integrity, completeness }: VerifyReport): number {
  if (integrity.verdict === 'broken') return exitCode.broken
  // A known checkpoint that says nothing about this log must not look like success to a script.
  return completeness.verdict === 'incomplete' || completeness.problems.length > 0 ? exitCode.incomplete : exitCode.ok
}

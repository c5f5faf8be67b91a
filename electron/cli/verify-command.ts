/** `halligan verify`: is it unchanged, and is it all? */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ExportPlace } from '../../shared/audit/export-place.ts'
import { createCheckpointSplitter } from '../../shared/audit/export.ts'
import type { Known, KnownWords } from '../../shared/audit/known-checkpoint.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import { verifyExport } from '../../shared/audit/verify-export.ts'
import { verifyLog } from '../../shared/audit/verify-log.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { exitCode } from './exit-codes.ts'
import { openExport, watchPlace } from './export-source.ts'
import type { Output } from './output.ts'
import { createProgressBar } from './progress.ts'
import { sayReport } from './sentences.ts'
import { isVault } from './vault-folder.ts'

export interface VerifyArguments {
  readonly folder: string
  /** Path of a file that holds one checkpoint, or several of which the last counts; null when none is known. */
  readonly knownCheckpoint: string | null
  /** Head words known from elsewhere, and the size they were said of. */
  readonly knownWords: KnownWords | null
  readonly json: boolean
}

/** The last note of a file: a checkpoint by itself, or an earlier export's `checkpoints.txt` as it is. */
function lastNote(text: string): string {
  const splitter = createCheckpointSplitter()
  // What follows the final newline is no line.
  const lines = text.split('\n').slice(0, -1)
  const notes = lines.map(splitter.addLine)
  return splitter.end() ?? notes.findLast((note) => note !== undefined) ?? text
}

async function readKnownCheckpoint(file: string | null): Promise<string | null> {
  if (file === null) return null
  try {
    return lastNote(await readFile(file, 'utf8'))
  } catch (error) {
    throw new HalliganError('VAULT_MISSING', { file: file.slice(-300) }, error)
  }
}

/** What else is verified against, and who watches. */
interface FolderOptions {
  readonly knownWords?: KnownWords
  /** @param fraction from 0 to 1 */
  readonly onProgress?: (fraction: number, entries: number) => void
}

async function verifyPlace(
  place: ExportPlace,
  known: Known,
  onProgress: FolderOptions['onProgress'],
): Promise<VerifyReport> {
  let fraction = 0
  const watched = watchPlace(place, (read) => {
    fraction = read
  })
  return verifyExport(nodePrimitives, watched, {
    ...known,
    createHash: () => createHash('sha256'),
    onProgress: (entries) => onProgress?.(fraction, entries),
  })
}

/** Verifies a vault folder, an export folder or an archive. @throws HalliganError VAULT_MISSING, VAULT_DAMAGED, STORAGE_* */
export async function verifyFolder(
  target: string,
  knownCheckpoint: string | null,
  { knownWords, onProgress }: FolderOptions = {},
): Promise<VerifyReport> {
  const known = knownWords === undefined ? { knownCheckpoint } : { knownCheckpoint, knownWords }
  if (!(await isVault(target))) {
    const place = await openExport(target)
    if (place === null) throw new HalliganError('VAULT_MISSING', { path: target.slice(-300) })
    return verifyPlace(place, known, onProgress)
  }
  // Loaded only now: an auditor's machine verifies exports without the database's native module.
  const { countEntries, createVaultSource, withVaultDatabase } = await import('./vault-source.ts')
  return withVaultDatabase(target, async (database) => {
    const total = await countEntries(database)
    return verifyLog(nodePrimitives, createVaultSource(database), {
      ...known,
      onProgress: (entries) => onProgress?.(entries / total, entries),
    })
  })
}

function exitCodeOf({ integrity, completeness }: VerifyReport): number {
  if (integrity.verdict === 'broken') return exitCode.broken
  // A known checkpoint that says nothing about this log must not look like success to a script.
  return completeness.verdict === 'incomplete' || completeness.problems.length > 0 ? exitCode.incomplete : exitCode.ok
}

/** Runs the command. @returns exit code 0, 1 or 3. @throws HalliganError as {@link verifyFolder} */
export async function runVerify(args: VerifyArguments, output: Output): Promise<number> {
  const bar = createProgressBar(output.writeProgress ?? null)
  const knownCheckpoint = await readKnownCheckpoint(args.knownCheckpoint)
  const report = await verifyFolder(args.folder, knownCheckpoint, {
    ...(args.knownWords === null ? {} : { knownWords: args.knownWords }),
    onProgress: bar.show,
  }).finally(bar.clear)
  if (args.json) output.write(`${JSON.stringify(report, null, 2)}\n`)
  else for (const line of sayReport(report)) output.write(`${line}\n`)
  return exitCodeOf(report)
}

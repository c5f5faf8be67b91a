/** `halligan verify`: is it unchanged, and is it all? */
import type { KnownWords } from '../../shared/audit/known-checkpoint.ts'
import { withProblems } from '../../shared/audit/problems.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import { verifyLog } from '../../shared/audit/verify-log.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { openExport } from './export-source.ts'
import type { Output } from './output.ts'
import { createProgressBar } from './progress.ts'
import { sayReport } from './sentences.ts'
import { isVault } from './vault-folder.ts'
import { verifyAhead } from './verify-ahead.ts'
import { exitCodeOf, readKnownCheckpoint, verifyPlace, type WatchProgress } from './verify-export.ts'

export interface VerifyArguments {
  readonly folder: string
  /** Path of a file that holds one checkpoint, or several of which the last counts; null when none is known. */
  readonly knownCheckpoint: string | null
  /** Head words known from elsewhere, and the size they were said of. */
  readonly knownWords: KnownWords | null
  readonly json: boolean
}

/** What else is verified against, and who watches. */
interface FolderOptions {
  readonly knownWords?: KnownWords
  readonly onProgress?: WatchProgress
}

/**
 * Verifies a vault folder, an export folder or an archive.
 * @throws HalliganError VAULT_MISSING, VAULT_EXISTS {path} when an export lies in a vault folder, VAULT_DAMAGED, STORAGE_*
 */
export async function verifyFolder(
  target: string,
  knownCheckpoint: string | null,
  { knownWords, onProgress }: FolderOptions = {},
): Promise<VerifyReport> {
  const known = knownWords === undefined ? { knownCheckpoint } : { knownCheckpoint, knownWords }
  const place = await openExport(target)
  if (await isVault(target)) {
    // Somebody's vault beside the export would be judged in its stead.
    if (place !== null) throw new HalliganError('VAULT_EXISTS', { path: target.slice(-300) })
  } else {
    if (place === null) throw new HalliganError('VAULT_MISSING', { path: target.slice(-300) })
    return verifyPlace(place, known, onProgress)
  }
  // Loaded only now: an auditor's machine verifies exports without the database's native module.
  const { countEntries, createVaultSource, withVaultDatabase } = await import('./vault-source.ts')
  const { createIndexCheck } = await import('../vault/audit/index-check.ts')
  return withVaultDatabase(target, async (database) => {
    const total = await countEntries(database)
    const index = createIndexCheck()
    const { primitives, prepare } = verifyAhead(nodePrimitives)
    const report = await verifyLog(primitives, prepare(createVaultSource(database, index)), {
      ...known,
      onEntry: index.check,
      onProgress: (entries) => onProgress?.(entries / total, entries),
    })
    return withProblems(report, index.problems())
  })
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
  else
    for (const line of sayReport(report, (await isVault(args.folder)) ? 'vault' : 'export')) output.write(`${line}\n`)
  return exitCodeOf(report)
}

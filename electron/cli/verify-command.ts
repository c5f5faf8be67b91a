/** `halligan verify`: is it unchanged, and is it all? */
import { readFile } from 'node:fs/promises'
import { createCheckpointSplitter } from '../../shared/audit/export.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import { verifyLog } from '../../shared/audit/verify-log.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { exitCode } from './exit-codes.ts'
import { openExportFolder } from './export-source.ts'
import type { Output } from './output.ts'
import { sayReport } from './sentences.ts'
import { recogniseFolder } from './vault-folder.ts'

export interface VerifyArguments {
  readonly folder: string
  /** Path of a file that holds one checkpoint, or several of which the last counts; null when none is known. */
  readonly knownCheckpoint: string | null
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

/** Verifies a vault or export folder. @throws HalliganError VAULT_MISSING, VAULT_DAMAGED, STORAGE_* */
export async function verifyFolder(folder: string, knownCheckpoint: string | null): Promise<VerifyReport> {
  if ((await recogniseFolder(folder)) === 'export') {
    return verifyLog(nodePrimitives, await openExportFolder(folder), { knownCheckpoint })
  }
  // Loaded only now: an auditor's machine verifies exports without the database's native module.
  const { createVaultSource, withVaultDatabase } = await import('./vault-source.ts')
  return withVaultDatabase(folder, (database) =>
    verifyLog(nodePrimitives, createVaultSource(database), { knownCheckpoint }),
  )
}

function exitCodeOf({ integrity, completeness }: VerifyReport): number {
  if (integrity.verdict === 'broken') return exitCode.broken
  // A known checkpoint that says nothing about this log must not look like success to a script.
  return completeness.verdict === 'incomplete' || completeness.problems.length > 0 ? exitCode.incomplete : exitCode.ok
}

/** Runs the command. @returns exit code 0, 1 or 3. @throws HalliganError as {@link verifyFolder} */
export async function runVerify(args: VerifyArguments, output: Output): Promise<number> {
  const report = await verifyFolder(args.folder, await readKnownCheckpoint(args.knownCheckpoint))
  if (args.json) output.write(`${JSON.stringify(report, null, 2)}\n`)
  else for (const line of sayReport(report)) output.write(`${line}\n`)
  return exitCodeOf(report)
}

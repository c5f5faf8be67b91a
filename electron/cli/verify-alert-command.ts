/** `halligan verify-alert`: did our station write this text, and does the log say the same? */
import { readFile } from 'node:fs/promises'
import { createAlertWitness, type AlertVerdict } from '../../shared/audit/alert-check.ts'
import { isAlertSigned, parseAlertText, type AlertText } from '../../shared/audit/alert-text.ts'
import { describeAlert, describeVerdict, type AlertFinding } from '../../shared/audit/alert-sentences.ts'
import { exportFiles } from '../../shared/audit/export.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import { verifyLog, type LogSource } from '../../shared/audit/verify-log.ts'
import { bytesSchema } from '../../shared/domain/forms.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import { exitCode } from './exit-codes.ts'
import { openExport } from './export-source.ts'
import type { Output } from './output.ts'
import { requireVault } from './vault-folder.ts'
import { verifyAhead } from './verify-ahead.ts'
import { verifyPlace } from './verify-export.ts'

export interface VerifyAlertArguments {
  /** Path of the text; `-` reads standard input. */
  readonly file: string
  /** What it is held against; exactly one of them. */
  readonly against:
    | { readonly kind: 'vault'; readonly dir: string }
    | { readonly kind: 'export'; readonly path: string }
    | { readonly kind: 'key'; readonly key: string }
  readonly json: boolean
}

const textBytesMax = 60_000

async function readText(file: string): Promise<string> {
  try {
    const text = file === '-' ? await readStandardInput() : await readFile(file, 'utf8')
    return text.slice(0, textBytesMax)
  } catch (error) {
    throw new HalliganError('VAULT_MISSING', { file: file.slice(-300) }, error)
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > textBytesMax) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface Held {
  readonly verdict: AlertVerdict
  readonly report: VerifyReport
}

async function holdAgainstVault(alert: AlertText, dir: string): Promise<Held> {
  await requireVault(dir)
  // Loaded only now: checking against an export or a key needs no database.
  const { createVaultSource, withVaultDatabase } = await import('./vault-source.ts')
  const { createIndexCheck } = await import('../vault/audit/index-check.ts')
  const witness = createAlertWitness(nodePrimitives, alert, true)
  const report = await withVaultDatabase(dir, (database) => {
    const { primitives, prepare } = verifyAhead(nodePrimitives)
    const source = createVaultSource(database, createIndexCheck())
    return verifyLog(primitives, prepare(witness.watch(source)), { knownCheckpoint: null })
  })
  return { verdict: witness.judge(), report }
}

async function holdAgainstExport(alert: AlertText, target: string): Promise<Held> {
  const place = await openExport(target)
  if (place === null) throw new HalliganError('VAULT_MISSING', { path: target.slice(-300) })
  const isWhole = (await place(exportFiles.log)) !== null
  const witness = createAlertWitness(nodePrimitives, alert, isWhole)
  const watch = (source: LogSource): LogSource => witness.watch(source)
  const report = await verifyPlace(place, { knownCheckpoint: null }, undefined, watch)
  return { verdict: witness.judge(), report }
}

/** Holds the text against what was named. @throws HalliganError as reading a vault or an export does */
async function judge(alert: AlertText, { against }: VerifyAlertArguments): Promise<AlertFinding> {
  if (against.kind === 'key') {
    const isGenuine = isAlertSigned(nodePrimitives, alert, against.key)
    return { kind: 'key', signature: isGenuine ? 'genuine' : 'forged' }
  }
  const held = await (against.kind === 'vault'
    ? holdAgainstVault(alert, against.dir)
    : holdAgainstExport(alert, against.path))
  return { kind: 'log', ...held.verdict, integrity: held.report.integrity.verdict }
}

function exitCodeOf(finding: AlertFinding): number {
  switch (describeVerdict(finding).result) {
    case 'genuine':
      return exitCode.ok
    case 'false':
      return exitCode.broken
    case 'open':
      return exitCode.incomplete
  }
}

/** True for a station's public key as `--key` takes it. */
export const isStationKey = (text: string): boolean => bytesSchema(32).safeParse(text).success

/**
 * Runs the command.
 * @returns exit code 0 genuine, 1 not, 3 not to be judged by this log, 2 no alert text
 * @throws HalliganError VAULT_MISSING, VAULT_DAMAGED, STORAGE_*
 */
export async function runVerifyAlert(args: VerifyAlertArguments, output: Output): Promise<number> {
  const alert = parseAlertText(await readText(args.file))
  if (alert === null) {
    output.writeError(
      'There is no alert text in it that Halligan would have written, or it was changed. [ALERT_INVALID]\n',
    )
    // Somebody who changes a character may make it unreadable: a script must not take that for a mistake in its own call.
    return exitCode.broken
  }
  const finding = await judge(alert, args)
  if (args.json)
    output.write(`${JSON.stringify({ ...describeVerdict(finding), finding, facts: alert.facts }, null, 2)}\n`)
  else
    for (const line of [...describeVerdict(finding).sentences, '', ...describeAlert(alert.facts)])
      output.write(`${line}\n`)
  return exitCodeOf(finding)
}

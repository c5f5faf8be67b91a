/** Runs the verifier over a log in memory, as the command line runs it over files. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import type { StoredRecord } from '../../../shared/audit/records.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { verifyLog, type LogSource } from '../../../shared/audit/verify-log.ts'
import type { TestLog } from './log-writer.ts'

async function* inOneBatch<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield await Promise.resolve(items)
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item)
}

export const sourceOf = (log: TestLog, records: readonly StoredRecord[] | null = null): LogSource => ({
  manifests: () => Promise.resolve(log.manifests),
  entries: () => inOneBatch(log.entries),
  checkpoints: () => inOneBatch(log.checkpoints),
  records: records === null ? null : () => each(records),
})

export const check = (
  log: TestLog,
  knownCheckpoint: string | null = null,
  records: readonly StoredRecord[] | null = null,
): Promise<VerifyReport> => verifyLog(nodePrimitives, sourceOf(log, records), { knownCheckpoint })

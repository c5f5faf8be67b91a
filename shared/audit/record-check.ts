/** Records at rest against everything the log says was sealed. */
import type { Primitives } from '../primitives.ts'
import type { SealedVersion } from './duties.ts'
import type { ReportProblem } from './problems.ts'
import { checkStoredRecord, type StoredRecord } from './records.ts'

export interface RecordCheck {
  /** A version that the log says was sealed. */
  readonly expect: (credential: string, sealed: SealedVersion) => void
  /** A record that is there. */
  readonly add: (stored: StoredRecord) => void
  /** Reports newest versions whose record is not there. */
  readonly reportMissing: (report: ReportProblem) => void
  readonly count: () => number
}

export function createRecordCheck(
  primitives: Pick<Primitives, 'sha256'>,
  nameOf: (person: string) => string,
  report: ReportProblem,
): RecordCheck {
  const versions = new Map<string, SealedVersion>()
  const newest = new Map<string, SealedVersion>()
  const seen = new Set<string>()
  let count = 0
  const idOf = (credential: string, version: number): string => `${credential} ${version}`
  return {
    expect: (credential, sealed) => {
      versions.set(idOf(credential, sealed.version), sealed)
      newest.set(credential, sealed)
    },
    add: (stored) => {
      count++
      const id = idOf(stored.credential, stored.version)
      const sealed = versions.get(id)
      seen.add(id)
      if (sealed === undefined) {
        report(
          'record-not-in-log',
          null,
          `a record of credential ${stored.credential} version ${stored.version} was never sealed`,
        )
        return
      }
      for (const { code, seq, detail } of checkStoredRecord(primitives, stored, { ...sealed, nameOf }))
        report(code, seq, detail)
    },
    reportMissing: (reportFinal) => {
      for (const [credential, { version, name }] of newest) {
        if (seen.has(idOf(credential, version))) continue
        reportFinal('record-damaged', null, `credential "${name}" version ${version} has no record`)
      }
    },
    count: () => count,
  }
}

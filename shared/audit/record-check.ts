/** Records at rest against everything the log says was sealed. */
import type { Primitives } from '../primitives.ts'
import type { ReportProblem } from './problems.ts'
import { checkStoredRecord, type StoredRecord } from './records.ts'
import type { SealedVersion } from './version-ledger.ts'

export interface RecordCheck {
  /** A version that the log says was sealed, or sealed anew: its newest record is what must be there. */
  readonly expect: (credential: string, sealed: SealedVersion) => void
  /** A version that the log says was destroyed. */
  readonly forget: (credential: string, version: number) => void
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
  const destroyed = new Set<string>()
  const seen = new Set<string>()
  let count = 0
  const idOf = (credential: string, version: number): string => `${credential} ${version}`
  return {
    expect: (credential, sealed) => {
      versions.set(idOf(credential, sealed.version), sealed)
      if (sealed.version >= (newest.get(credential)?.version ?? 0)) newest.set(credential, sealed)
    },
    forget: (credential, version) => {
      versions.delete(idOf(credential, version))
      destroyed.add(idOf(credential, version))
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
          `a record of credential ${stored.credential} version ${stored.version} was ${destroyed.has(id) ? 'destroyed, and is still there' : 'never sealed'}`,
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

/** What the command line says to people. Codes stay stable; these sentences may change. */
import {
  describeCompleteness,
  describeFacts,
  describeIntegrity,
  describeProblems,
  type Verified,
} from '../../shared/audit/report-sentences.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import type { HalliganError } from '../../shared/errors.ts'

/** The report as lines: the two verdicts first, then problems, then what was looked at. */
export function sayReport(report: VerifyReport, verified: Verified): string[] {
  const problems = describeProblems(report)
  return [
    `Integrity:    ${describeIntegrity(report).join('. ')}`,
    `Completeness: ${describeCompleteness(report).join('. ')}`,
    '',
    ...problems,
    ...(problems.length === 0 ? [] : ['']),
    ...describeFacts(report, verified),
  ]
}

/** Sentence for an error that kept a command from its work. */
export function sayError({ code, detail }: HalliganError): string {
  const where = detail['path'] ?? detail['file']
  const at = where === undefined ? '' : ` (${where})`
  switch (code) {
    case 'VAULT_MISSING':
      return `There is no vault and no export there${at}. [${code}]`
    case 'VAULT_EXISTS':
      return `There is a vault and an export in one folder${at}: move the one that you mean to a folder of its own. [${code}]`
    case 'VAULT_LOCKED_BY_OTHER':
      return `Halligan has this vault open. Close the app, or make the export from inside it. [${code}]`
    case 'VAULT_UNSAFE_PERMISSIONS':
      return `The vault folder is open to other users of this machine${at}. [${code}]`
    case 'VAULT_TOO_NEW':
      return `The vault was written by a newer Halligan. [${code}]`
    case 'VAULT_DAMAGED':
    case 'LOG_INVALID':
      return `The vault is damaged${at}. "halligan verify" says what is wrong. [${code}]`
    case 'STORAGE_READ_ONLY':
      return `The place is read-only${at}. Copy the vault folder to a writable one and try there. [${code}]`
    case 'STORAGE_FULL':
      return `The disk is full. [${code}]`
    case 'EXPORT_FAILED': {
      const { reason } = detail
      if (reason === 'ENOSPC' || reason === 'EDQUOT') {
        return `There is not enough room for the export. Nothing of it was left there. [${code}]`
      }
      if (reason === 'too-large') return `The log is too long for one file: export it into a folder. [${code}]`
      return `The export could not be written${at}. Nothing of it was left there. [${code}]`
    }
    case 'CREDENTIAL_UNKNOWN':
      return `No entry is about such a credential. Nothing was exported. [${code}]`
    case 'PERSON_UNKNOWN':
      return `No entry is by or about such a person. Nothing was exported. [${code}]`
    default:
      return `It failed${at}. [${code}]`
  }
}

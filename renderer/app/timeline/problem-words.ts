/** What a check of the log can find, in words. */
import type { Problem, VerifyReport } from '../../../shared/audit/report.ts'
import { formatNumber } from '../../ui/time.ts'

const words: Readonly<Record<Problem['code'], string>> = {
  'entry-malformed': 'An entry cannot be read.',
  'entry-not-canonical': 'An entry is not written in the one form allowed.',
  'entry-out-of-order': 'An entry is out of order.',
  'entry-chain-broken': 'An entry does not follow from the one before: something was changed, inserted or removed.',
  'entry-wrong-station': 'An entry comes from another machine.',
  'log-empty': 'The log is empty.',
  'log-first-entry-wrong': 'The log does not begin with the creation of this vault.',
  'key-rotation-invalid': 'A renewal of the log’s signing key does not check.',
  'checkpoint-malformed': 'A checkpoint cannot be read.',
  'checkpoint-signature-invalid': 'The signature of a checkpoint does not check.',
  'checkpoint-root-mismatch': 'A checkpoint does not fit the entries it covers.',
  'checkpoint-missing': 'A checkpoint that must be there is missing.',
  'checkpoint-beyond-log': 'A checkpoint covers more entries than there are: the log was cut short.',
  'head-mismatch': 'It speaks of another state of the log than this one.',
  'tap-signature-invalid': 'The signature of a tap does not check.',
  'tap-statement-mismatch': 'A tap signed something other than what stands beside it.',
  'tap-key-unknown': 'A tap was made with a key that was not enrolled.',
  'manifest-malformed': 'A version of who holds what cannot be read.',
  'manifest-chain-broken': 'A version of who holds what does not follow from the one before.',
  'manifest-signature-invalid': 'A signature under who holds what does not check.',
  'manifest-quorum-missing': 'A version of who holds what lacks signatures.',
  'manifest-not-in-log': 'A version of who holds what is not in the log.',
  'grant-without-quorum': 'Something was opened without enough taps on record.',
  'ceremony-mismatch': 'A ceremony is told otherwise than it went.',
  'joint-incomplete': 'What several people are said to have done together is not what their taps show.',
  'record-damaged': 'A sealed credential is not as it was sealed.',
  'share-damaged': 'A share of a sealed credential is damaged.',
  'record-not-in-log': 'A sealed credential is not in the log.',
  'index-mismatch': 'What an entry is listed under is not what it says: the index beside the log was changed.',
  'known-checkpoint-invalid': 'The checkpoint kept elsewhere does not check.',
  'known-checkpoint-ahead': 'A checkpoint kept elsewhere is ahead of this log: entries are missing here.',
  'known-checkpoint-mismatch': 'This log is not the one that a checkpoint kept elsewhere speaks of.',
  'known-words-mismatch': 'This log is not the one whose words were written down.',
  'proof-invalid': 'An entry is not proved to be in the log it claims to be from.',
  'export-malformed': 'The description of the export cannot be read.',
  'export-signature-invalid': 'The description of the export is not signed by the station.',
  'export-mismatch': 'The export is not what its description says.',
  'export-file-changed': 'A file of the export is missing or was changed.',
}

/** One problem as a sentence, with where it is. */
export function describeProblem({ code, seq, detail }: Problem): string {
  const where = seq === null ? '' : `Entry ${formatNumber(seq)}`
  const more = [where, detail].filter((part) => part !== '').join(': ')
  return more === '' ? words[code] : `${words[code]} ${more.charAt(0).toUpperCase()}${more.slice(1)}.`
}

/** The two verdicts, each in its own sentence. */
export function describeVerdicts(report: VerifyReport): { readonly integrity: string; readonly completeness: string } {
  const integrity =
    report.integrity.verdict === 'intact'
      ? `Intact: nothing in these ${formatNumber(report.size)} entries was changed.`
      : `Broken: only the first ${formatNumber(report.integrity.trustworthy)} entries can be trusted.`
  switch (report.completeness.verdict) {
    case 'complete':
      return { integrity, completeness: 'Complete: nothing is missing at the end.' }
    case 'incomplete':
      return { integrity, completeness: 'Incomplete: entries are missing that were here before.' }
    case 'cannot-be-judged':
      return {
        integrity,
        completeness: 'Completeness cannot be judged here: that takes a checkpoint kept on another machine.',
      }
  }
}

/** A report in words, the same on the command line, in verify.mjs and in verify.html. Codes stay stable; these sentences may change. */
import type { Problem, VerifyReport } from './report.ts'
import type { Selection } from '../domain/selection.ts'

/** A verdict and what it means here. */
export type Verdict = readonly [verdict: string, meaning: string]

const problemSentences: Readonly<Record<Problem['code'], string>> = {
  'entry-malformed': 'cannot be read as an entry',
  'entry-not-canonical': 'is not in canonical form: its bytes are not those that were written',
  'entry-out-of-order': 'is not where it belongs: something was removed, inserted or moved',
  'entry-chain-broken': 'was changed after it was written',
  'entry-wrong-station': 'does not belong to this station or this start of the app',
  'log-empty': 'The log is empty',
  'log-first-entry-wrong': 'The log does not begin as the log of this vault must',
  'key-rotation-invalid': 'does not hand on the station key: from here on somebody else may have written',
  'checkpoint-malformed': 'A checkpoint cannot be read or does not belong here',
  'checkpoint-signature-invalid': "A checkpoint is not signed by the station's key",
  'checkpoint-root-mismatch': 'The entries are not those that a checkpoint signed',
  'checkpoint-missing': 'Nothing vouches for the newest entries: the checkpoint over them is missing',
  'checkpoint-beyond-log': 'A checkpoint covers more entries than are here: the end was cut off',
  'head-mismatch': 'speaks of another history than this log',
  'tap-signature-invalid': 'holds a tap whose signature is not valid',
  'tap-statement-mismatch': 'holds a tap that approved something else than the entry says',
  'tap-key-unknown': 'holds a tap by a security key that the manifest does not list',
  'manifest-malformed': 'A manifest is malformed or breaks its rules',
  'manifest-chain-broken': 'The manifests do not follow from one another',
  'manifest-signature-invalid': 'A signature under a manifest is not valid',
  'manifest-quorum-missing': 'A manifest is not signed by everybody who must',
  'manifest-not-in-log': 'Manifests and log do not agree',
  'grant-without-quorum': 'opened something without the quorum it needs',
  'joint-incomplete': 'says that several people did something together, and their taps do not show it',
  'ceremony-mismatch': 'tells of a ceremony what the log does not show',
  'record-damaged': 'A sealed record is damaged',
  'share-damaged': 'A share is damaged',
  'record-not-in-log': 'A sealed record is there that the log knows nothing of',
  'index-mismatch': 'is listed under something else than it says: the index beside the log was changed',
  'known-checkpoint-invalid': 'The known checkpoint cannot be used for this log',
  'known-checkpoint-ahead': 'The log is shorter than it was known to be',
  'known-checkpoint-mismatch': 'This is not the log that was known: its past is another one',
  'known-words-mismatch': 'This is not the log whose words are known',
  'proof-invalid': 'is not proved to be in the log',
  'export-malformed': 'The description of the export is missing or cannot be read',
  'export-signature-invalid': 'The description of the export is not signed by the station',
  'export-mismatch': 'The export is not what its description says',
  'export-file-changed': 'A file of the export is missing or was changed',
}

/** One problem as a sentence, with its code for whoever looks it up. */
export function sayProblem({ code, seq, detail }: Problem): string {
  const sentence = problemSentences[code]
  const isAboutEntry = /^[a-z]/.test(sentence)
  const subject = isAboutEntry ? `Entry ${seq ?? 'unknown'} ${sentence}` : sentence
  return `${subject} (${detail}). [${code}]`
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

function describePartIntegrity({ integrity, size, checked }: VerifyReport): Verdict {
  const { trustworthy } = integrity
  if (integrity.verdict === 'intact') {
    const shown = plural(checked.entries, 'entry shown is', 'entries shown are')
    return ['INTACT', `Each of the ${shown} as written, in a log of ${size} that the station signed.`]
  }
  const rest =
    trustworthy === 0
      ? 'No entry is proved.'
      : `${trustworthy} of ${checked.entries} entries are proved to be in the log that the station signed.`
  return ['BROKEN', rest]
}

/** Is what is here unchanged? */
export function describeIntegrity(report: VerifyReport): Verdict {
  const { kind, integrity, size } = report
  if (kind === 'part') return describePartIntegrity(report)
  if (integrity.verdict === 'intact') return ['INTACT', `All ${plural(size, 'entry is', 'entries are')} as written.`]
  const { trustworthy } = integrity
  const rest =
    trustworthy === 0 ? 'No entry can be relied on.' : `Entries 0 to ${trustworthy - 1} are still vouched for.`
  return ['BROKEN', rest]
}

/** A proof shows that an entry is there; nothing in a part can show that another one is not. */
function describePartCompleteness({ completeness: { verdict, knownSize, problems, byWords } }: VerifyReport): Verdict {
  if (verdict === 'incomplete') return ['INCOMPLETE', 'This is not from the log that was known.']
  const whose =
    knownSize === null || problems.length > 0
      ? ''
      : ` It is from the log that was known (${plural(knownSize, 'entry', 'entries')}${byWords === true ? ', by words only' : ''}).`
  return ['CANNOT BE JUDGED', `A part is not all: an entry that was left out leaves no trace in it.${whose}`]
}

/** Is all of it here? */
export function describeCompleteness(report: VerifyReport): Verdict {
  if (report.kind === 'part') return describePartCompleteness(report)
  const { verdict, knownSize, byWords } = report.completeness
  switch (verdict) {
    case 'complete':
      if (byWords === true) {
        const upTo = `Up to the ${plural(knownSize ?? 0, 'entry', 'entries')} that the known words were said of, and by words only`
        return ['COMPLETE BY WORDS ONLY', `${upTo}: they show a mistake or an older copy. A checkpoint says more.`]
      }
      return ['COMPLETE', `Up to the known checkpoint of ${plural(knownSize ?? 0, 'entry', 'entries')}.`]
    case 'incomplete':
      return ['INCOMPLETE', 'This is not all of the log that was known.']
    case 'cannot-be-judged':
      return [
        'CANNOT BE JUDGED',
        knownSize === null
          ? 'That takes a checkpoint known from elsewhere, and none was given.'
          : 'The known checkpoint does not say enough.',
      ]
  }
}

function saySelection(selection: Selection | null): string {
  switch (selection?.kind) {
    case undefined:
      return 'the whole log'
    case 'period':
      return `the entries from ${selection.from} to ${selection.to}`
    case 'credential':
      return `the entries about credential ${selection.credential}`
    case 'person':
      return `the entries by or about person ${selection.person}`
  }
}

/** Which of the two a report is about: a vault may lie where an export is expected. */
export type Verified = 'vault' | 'export'

function sayExport({ export: said }: VerifyReport): string[] {
  if (said === null) {
    return ['This export does not describe itself: tables and reports beside the log are vouched for by nobody.']
  }
  const { selection, selected, shown, files, at, signedBy } = said
  const needed = shown > selected ? ` (${selected} asked for, ${shown - selected} to check them by)` : ''
  return [
    `Exported at ${at}: ${saySelection(selection)}, ${shown} shown${needed}, ${files} files.`,
    signedBy === null ? 'Nobody signed for it.' : `${signedBy} signed for it with a security key.`,
  ]
}

/** What was looked at, one sentence a line. */
export function describeFacts(report: VerifyReport, verified: Verified = 'export'): string[] {
  const { checked, kind } = report
  return [
    ...(verified === 'vault'
      ? ['Verified: a vault.']
      : [`Verified: an export of ${kind === 'whole' ? 'the whole log' : 'a part of the log'}.`, ...sayExport(report)]),
    `Entries ${checked.entries}, checkpoints ${checked.checkpoints}, taps ${checked.taps}, manifests ${checked.manifests}, records ${checked.records}${checked.minutes === undefined ? '' : `, minutes ${checked.minutes}`}.`,
    ...(report.root === null ? [] : [`Head: ${report.words.join(' ')} (size ${report.size}, root ${report.root}).`]),
    ...(report.lastAt === null ? [] : [`Last entry at ${report.lastAt} by the station's clock.`]),
  ]
}

/** What was found, the first first. */
export const describeProblems = ({ integrity, completeness }: VerifyReport): string[] =>
  [...integrity.problems, ...completeness.problems].map(sayProblem)

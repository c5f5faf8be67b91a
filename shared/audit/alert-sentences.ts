/** What a check of an alert text says to people: the command line and verify.html say the same. */
import type { AlertVerdict } from './alert-check.ts'
import type { AlertFacts } from './alert-text.ts'
import type { VerifyReport } from './report.ts'

/** What was found out: with nothing but a key, or with a log. */
export type AlertFinding =
  | { readonly kind: 'key'; readonly signature: 'genuine' | 'forged' }
  | ({ readonly kind: 'log'; readonly integrity: VerifyReport['integrity']['verdict'] } & AlertVerdict)

/** genuine; false: not written by the station, or the log says otherwise; open: this log cannot tell. */
export interface AlertJudgement {
  readonly result: 'genuine' | 'false' | 'open'
  readonly sentences: readonly string[]
}

const forged = 'NOT GENUINE: the station did not write these words. Somebody made them up or changed them.'

function judgeByLog(finding: Extract<AlertFinding, { kind: 'log' }>): AlertJudgement {
  const { signature, integrity, differs, shows } = finding
  if (integrity === 'broken') {
    return { result: 'open', sentences: ['Not to be judged: the log itself is broken. Verify it first.'] }
  }
  if (signature === 'forged') return { result: 'false', sentences: [forged] }
  if (signature === 'key-unknown') {
    return {
      result: 'open',
      sentences: [
        'Not to be judged: the key that it names is not in this log. It is of another station, or newer than this log, or made up.',
      ],
    }
  }
  if (differs.length > 0) {
    return {
      result: 'false',
      sentences: [`NOT TRUE: the station signed it, but its log says otherwise about ${differs.join(', ')}.`],
    }
  }
  const sentences = ['Genuine: the station wrote these words, and nobody has changed them.']
  if (!shows.entry) {
    sentences.push('This log does not show the entry that it names, so whether they agree cannot be said.')
  } else {
    sentences.push(
      shows.head
        ? 'The log agrees: the entry is there and says the same, and the head of the log was that.'
        : 'The log agrees: the entry is there and says the same. A part of a log cannot tell its head.',
    )
  }
  return { result: 'genuine', sentences }
}

/** The judgement, and how to say it. */
export function describeVerdict(finding: AlertFinding): AlertJudgement {
  if (finding.kind === 'log') return judgeByLog(finding)
  return finding.signature === 'genuine'
    ? {
        result: 'genuine',
        sentences: [
          'Genuine: whoever holds this key wrote these words, and nobody has changed them. No log was asked.',
        ],
      }
    : { result: 'false', sentences: [forged] }
}

/** The facts of a text as lines. */
export function describeAlert(facts: AlertFacts): string[] {
  return [
    facts.kind === 'opened' ? 'Somebody asks for a credential.' : 'A credential was opened.',
    `  Vault    ${facts.vault}`,
    `  What     ${facts.credential}`,
    `  Who      ${facts.who}`,
    `  Why      ${facts.why}`,
    `  At       ${facts.at}`,
    `  Until    ${facts.until} at the latest`,
    `  Station  ${facts.station}`,
    `  Entry    ${String(facts.seq)}`,
    `  Head     ${String(facts.size)} entries: ${facts.words.join(' ')}`,
  ]
}

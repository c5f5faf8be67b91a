/** The report as a part of the page: verdicts first, then what was found, then what was looked at. */
import { describeAlert, describeVerdict, type AlertFinding } from '../../shared/audit/alert-sentences.ts'
import type { AlertText } from '../../shared/audit/alert-text.ts'
import type { VerifyReport } from '../../shared/audit/report.ts'
import {
  describeCompleteness,
  describeFacts,
  describeIntegrity,
  describeProblems,
  type Verdict,
} from '../../shared/audit/report-sentences.ts'

type Tone = 'ok' | 'warn' | 'bad'

/** An element with text: text never becomes markup. */
function element(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  if (className !== '') made.className = className
  return made
}

function notice(tone: Tone, name: string, [verdict, meaning]: Verdict): HTMLElement {
  const box = element('div', '', `notice ${tone}`)
  box.dataset['verdict'] = `${name} ${verdict}`.toLowerCase()
  box.append(element('h2', `${name}: ${verdict}`), element('p', meaning))
  return box
}

const completenessTones: Readonly<Record<VerifyReport['completeness']['verdict'], Tone>> = {
  complete: 'ok',
  incomplete: 'bad',
  'cannot-be-judged': 'warn',
}

/** What to show for `report`. */
export function viewReport(report: VerifyReport): HTMLElement[] {
  const parts = [
    notice(report.integrity.verdict === 'intact' ? 'ok' : 'bad', 'Integrity', describeIntegrity(report)),
    notice(completenessTones[report.completeness.verdict], 'Completeness', describeCompleteness(report)),
  ]
  const problems = describeProblems(report)
  if (problems.length > 0) {
    const list = document.createElement('ol')
    list.append(...problems.map((problem) => element('li', problem)))
    parts.push(element('h2', 'What was found, the first first'), list)
  }
  if (report.words.length > 0) {
    parts.push(
      element('h2', 'Head of the log in words'),
      element('p', report.words.join(' '), 'words'),
      element('p', 'Compare them with what somebody read out or wrote down.', 'soft'),
    )
  }
  const facts = document.createElement('ul')
  facts.append(...describeFacts(report).map((fact) => element('li', fact)))
  parts.push(element('h2', 'What was looked at'), facts)
  return parts
}

const alertTones = { genuine: 'ok', false: 'bad', open: 'warn' } as const

/** What to show of an alert text: the judgement, and what it says. */
export function viewAlert(finding: AlertFinding, { facts }: AlertText): HTMLElement[] {
  const { result, sentences } = describeVerdict(finding)
  const box = element('div', '', `notice ${alertTones[result]}`)
  box.dataset['verdict'] = `alert ${result}`
  box.append(element('h2', 'Alert text'), ...sentences.map((sentence) => element('p', sentence)))
  return [box, element('pre', describeAlert(facts).join('\n'))]
}

/** What to show of something that is no alert text. */
export function viewStrayText(): HTMLElement[] {
  const box = element('div', '', 'notice bad')
  box.dataset['verdict'] = 'alert false'
  box.append(
    element('h2', 'Alert text'),
    element('p', 'NOT GENUINE: there is no alert text in it that Halligan would have written, or it was changed.'),
  )
  return [box]
}

/** What to show when nothing could be verified. */
export const viewFailure = (meaning: string): HTMLElement[] => [
  notice('bad', 'Nothing verified', ['unreadable', meaning]),
]

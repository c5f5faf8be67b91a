/** The status bar's sentences, from the vault's state. */
import type { AppState, CredentialView } from '../../shared/contracts/app.ts'
import { formatDate, formatDaysUntil, formatTime } from '../ui/time.ts'

type Tone = 'plain' | 'ok' | 'warn' | 'bad'

export interface StatusWords {
  readonly tone: Tone
  readonly text: string
}

/** The two verdicts on the log, integrity and completeness, never made into one; with the head's words unless `brief`. */
export function describeLog(log: AppState['log'], brief = false): StatusWords {
  const upTo = log.lastAt === null ? '' : ` up to ${formatTime(log.lastAt)}`
  const head = brief || log.words.length === 0 ? '' : `, head = ${log.words.join(' ')}`
  if (log.integrity === 'checking') return { tone: 'plain', text: 'Being checked' }
  if (log.integrity === 'broken') return { tone: 'bad', text: 'Broken: changed after it was written' }
  switch (log.completeness) {
    case 'checking':
      return { tone: 'plain', text: `Intact${upTo}; completeness being checked` }
    case 'complete':
      return { tone: 'ok', text: `Complete and intact${upTo}${head}` }
    case 'incomplete':
      return { tone: 'bad', text: `Intact${upTo}, but entries are missing` }
    case 'cannot-be-judged':
      return { tone: 'ok', text: `Intact${upTo}; completeness cannot be judged here${head}` }
  }
}

/** How the rotation of `credential` stands at `nowMs`: an interval may have passed since the vault said. */
export const rotationOf = (credential: CredentialView, nowMs: number): CredentialView['rotation'] =>
  credential.rotation === 'fresh' && Date.parse(credential.rotationDueAt) <= nowMs ? 'due' : credential.rotation

/** When the next credential must be sealed anew. */
export function describeRotation(credentials: readonly CredentialView[], nowMs: number): StatusWords {
  const overdue = credentials.filter((credential) => rotationOf(credential, nowMs) !== 'fresh').length
  if (overdue > 0)
    return {
      tone: 'warn',
      text: overdue === 1 ? 'Rotation: 1 due now' : `Rotation: ${overdue} due now`,
    }
  // Timestamps of one form sort as text.
  const next = credentials.reduce<string | null>(
    (first, { rotationDueAt }) => (first === null || rotationDueAt < first ? rotationDueAt : first),
    null,
  )
  if (next === null) return { tone: 'plain', text: 'Rotation: nothing sealed yet' }
  return { tone: 'plain', text: `Rotation: next due ${formatDaysUntil(next, nowMs)} (${formatDate(next)})` }
}

/** Whether the keys have been drilled. */
export function describeDrill(safes: AppState['safes']): StatusWords {
  const missing = safes.filter((safe) => !safe.drilled)
  if (safes.length === 0) return { tone: 'plain', text: 'Drill: no safe yet' }
  if (missing.length === 0) return { tone: 'ok', text: 'Drill: passed' }
  return {
    tone: 'warn',
    text:
      missing.length === safes.length
        ? 'Drill: due, not yet drilled'
        : `Drill: due for ${missing.map(({ name }) => name).join(', ')}`,
  }
}

/** What is due, as words: why, since when, and in which order of risk. */
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import { formatDaysUntil } from '../../ui/time.ts'

/** Why `due` is to be done; `nowMs` says how long ago or how soon. */
export function describeDue(due: Due, nowMs: number): string {
  const days = formatDaysUntil(due.dueAt, nowMs)
  const when = due.isDue ? (days === 'today' ? 'due today' : `due since ${days.replace(' ago', '')}`) : `due ${days}`
  switch (due.kind) {
    case 'rotate':
      if (due.why === 'used') return 'It was opened, so it is a secret no longer: change it and seal the new one.'
      if (due.why === 'leaver') return 'Somebody who held a share of it has left: change it and seal the new one.'
      return `Its time is over: ${when}.`
    case 'drill-person':
      if (due.why === 'never') return 'No key of theirs was ever tested or used since it was enrolled.'
      if (due.why === 'staff') return 'Their part has changed: test that their key still works.'
      return `Their keys have not proved themselves for long: ${when}.`
    case 'drill-safe':
      if (due.why === 'never') return 'Never drilled: nobody knows yet that its custodians can open it.'
      if (due.why === 'staff') return 'Its custodians have changed since the last drill.'
      return `The last drill is long ago: ${when}.`
    case 'classify':
      return 'It was opened, and nobody has said yet what for.'
    case 'channel':
      return due.why === 'never' ? 'No test alert was ever sent there.' : `The last test alert is long ago: ${when}.`
  }
}

/** What kind of thing it is that is due, before its name. */
export const dueNames: Readonly<Record<Due['kind'], string>> = {
  rotate: 'Rotate',
  'drill-person': 'Test a key of',
  'drill-safe': 'Drill the safe',
  classify: 'Say what it was',
  channel: 'Test the alert channel',
}

/** In order of risk: it was seen, somebody who has left may know a part, its time is over, fresh. */
const risk: Readonly<Record<CredentialView['rotation'], number>> = { used: 0, leaver: 1, due: 2, fresh: 3 }

/** Sorts credentials with the greatest risk first; equals by when they are due. */
export const byRisk = (a: CredentialView, b: CredentialView): number =>
  risk[a.rotation] - risk[b.rotation] || (a.rotationDueAt < b.rotationDueAt ? -1 : 1)

/** Why `credential` should be rotated, in a few words. */
export function describeRisk(credential: CredentialView, nowMs: number): string {
  switch (credential.rotation) {
    case 'used':
      return 'was opened'
    case 'leaver':
      return 'a custodian has left'
    case 'due':
    case 'fresh':
      return `due ${formatDaysUntil(credential.rotationDueAt, nowMs)}`
  }
}

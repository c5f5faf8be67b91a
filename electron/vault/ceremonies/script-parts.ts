/** Steps that every script begins and ends with. Written for tired people: one thing at a time, and how to tell that it worked. */
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'

/** What scripts are made from. */
export interface ScriptSources {
  readonly manifest: Manifest
  /** The newest version of every credential. */
  readonly credentials: readonly CredentialView[]
  readonly change: ChangeView | null
  /** When a key last proved itself; null: never. */
  readonly lastProvenAt: (credentialId: string) => string | null
  readonly isDrilled: (safe: string) => boolean
  readonly wallMs: number
}

export type Wish = Pick<CeremonyWish, 'lead' | 'witnesses' | 'credentials' | 'safes' | 'keep'>

export const confirm = { kind: 'confirm' } as const

export const step = (
  title: string,
  instruction: string,
  role: ScriptStep['role'],
  task: ScriptStep['task'],
  person: string | null = null,
): ScriptStep => ({ title: cut(title, 120), instruction: cut(instruction, 2000), role, person, task })

/** Names are bounded; only together they may be too long. Cut at whole characters. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text
  // Never in the middle of a character of two units.
  return `${text
    .slice(0, max - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`
}

export const nameIn = ({ persons }: Pick<Manifest, 'persons'>, id: string): string =>
  persons.find((person) => person.id === id)?.name ?? 'somebody who is not listed'

export const safeNameIn = ({ safes }: Pick<Manifest, 'safes'>, id: string): string =>
  safes.find((safe) => safe.id === id)?.name ?? 'a safe that is not listed'

/** `2026-11-23`. */
export const dayOf = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 10)

/** Roles, attendance, and where the log stands before anything happens. */
export function openingSteps({ manifest }: Pick<ScriptSources, 'manifest'>, { lead, witnesses }: Wish): ScriptStep[] {
  const leadName = nameIn(manifest, lead)
  return [
    step(
      'Welcome and roles',
      [
        `${leadName} leads: reads every step aloud before anybody does it, and puts initials to it when it is done.`,
        'Custodians bring their security keys and touch them only when the tap page names what they sign.',
        'Witnesses do nothing but watch, and say so at once when something is not as the script has it.',
        'If anything goes otherwise, stop. Write down an exception (what happened, who decided), then go on or give up. Nobody is in a hurry: the ceremony can be left at any step and taken up again on another day.',
      ].join('\n'),
      'lead',
      confirm,
    ),
    step(
      'Attendance',
      'Everybody in the room says their name and shows that it is theirs. Write who is here into the note, also those who only look on. Nobody who is not written down stays.',
      'all',
      confirm,
    ),
    ...witnesses.map((person) =>
      step(
        `Witness: ${nameIn(manifest, person)}`,
        `${nameIn(manifest, person)} puts initials to being here, and will sign the minutes at the end with their own security key.`,
        'witness',
        confirm,
        person,
      ),
    ),
    step(
      'Read the head of the log aloud',
      'Read the four words of the log’s head from the screen. A witness, or a second person, repeats them and writes them on paper: the minutes will show the same words as the head before the ceremony, or somebody has changed the log.',
      'lead',
      { kind: 'read-head' },
    ),
  ]
}

/** What is owed from before, and where the log stands now. */
export const closingSteps = (): ScriptStep[] => [
  step(
    'Classify every reveal',
    'Every credential that was opened since must be called by its name: drill, emergency or misuse, with a short text. The screen lists what is missing. Whoever knows what happened taps for it.',
    'all',
    { kind: 'classify' },
  ),
  step(
    'Read the head of the log aloud again',
    'Read the four words of the log’s head once more and write them on paper beside the first. After this step the minutes are written: everybody who took part reads them and signs with a tap.',
    'lead',
    { kind: 'read-head' },
  ),
]

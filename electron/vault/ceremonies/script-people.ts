/** The script of a change of people: who comes, who goes, and the safes sealed anew to those who stay. */
import type { CeremonyDraft } from '../../../shared/contracts/ceremony-views.ts'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import { HalliganError } from '../../../shared/errors.ts'
import {
  closingSteps,
  confirm,
  dayOf,
  nameIn,
  openingSteps,
  step,
  type ScriptSources,
  type Wish,
} from './script-parts.ts'

const linesShown = 12
const namesShown = 40

/** Safes whose custodians or threshold will be others, and those that get credentials from another. */
function changedSafes({ manifest }: ScriptSources, { change }: ChangeView): ChangeView['change']['safes'] {
  const custody = (threshold: number, people: readonly string[]): string => [threshold, ...[...people].sort()].join(' ')
  return change.safes.filter((safe) => {
    const before = manifest.safes.find(({ id }) => id === safe.id)
    if (before === undefined || change.moves.some((move) => move.safe === safe.id)) return true
    const held = before.custodians.map(({ person }) => person)
    return custody(before.threshold, held) !== custody(safe.threshold, safe.custodians)
  })
}

const announceStep = ({ lines }: ChangeView): ScriptStep =>
  step(
    'Announce the change',
    [
      'Read aloud what will change. Everybody who has to sign it hears it here first; on the tap page the same words stand again.',
      ...lines.slice(0, linesShown).map(({ label, value }) => `${label}: ${value}`.slice(0, 140)),
      ...(lines.length > linesShown ? [`and ${lines.length - linesShown} more lines on the screen`] : []),
    ].join('\n'),
    'lead',
    confirm,
  )

const enrolStep = ({ person, name, kind }: ChangeView['missing'][number]): ScriptStep =>
  step(
    kind === 'new' ? `Enrol the keys of ${name}` : `${name} joins with the keys they have`,
    kind === 'new'
      ? `${name} alone touches and names each of their security keys, the backup key too. Look at the keys: the person who touches one is the person who keeps it.`
      : `${name} touches each of their security keys once, so that they can hold shares of the safe. Nothing is signed yet.`,
    'custodian',
    { kind: 'enrol', person },
    person,
  )

function drillSteps(sources: ScriptSources, view: ChangeView): ScriptStep[] {
  const { moves } = view.change
  return changedSafes(sources, view).flatMap(({ id: safe, name, threshold }) => {
    const credential = sources.credentials.find(
      (one) => (moves.find((move) => move.credential === one.id)?.safe ?? one.safe) === safe,
    )
    if (credential === undefined) return []
    return [
      step(
        `Drill of “${name}”`,
        `${threshold} of the custodians that the safe has now, the new ones among them, touch their keys. Their shares are put together and checked; nothing is shown. This is the proof that the change worked.`,
        'custodian',
        { kind: 'safe-drill', safe, credential: credential.id },
      ),
    ]
  })
}

function leaverStep(sources: ScriptSources, view: ChangeView): ScriptStep[] {
  if (view.leavers.length === 0) return []
  const touched = changedSafes(sources, view).map(({ id }) => id)
  const credentials = sources.credentials.filter(({ safe }) => touched.includes(safe)).map(({ name }) => `“${name}”`)
  const named = credentials.slice(0, namesShown).join(', ')
  const more = credentials.length > namesShown ? `, and ${credentials.length - namesShown} more` : ''
  return [
    step(
      'Plan what must be rotated',
      [
        `${view.leavers.map((id) => nameIn(sources.manifest, id)).join(', ')} may still have old shares and an old copy of the file. Nothing here can take those back: only new secrets can.`,
        `To be rotated: ${named === '' ? 'none' : named}${more}. They are marked on the screen until they are. Agree now who does it and by when, and write it into the note.`,
      ].join('\n'),
      'lead',
      confirm,
    ),
  ]
}

/** @throws HalliganError CHANGE_UNKNOWN; POLICY_INVALID {field: 'lead'} when the lead is not listed afterwards */
export function writePeopleChange(sources: ScriptSources, wish: Wish): CeremonyDraft {
  const view = sources.change
  if (view === null) throw new HalliganError('CHANGE_UNKNOWN')
  if (!view.change.people.some(({ id }) => id === wish.lead)) {
    throw new HalliganError('POLICY_INVALID', { field: 'lead', why: 'cannot-sign' })
  }
  return {
    kind: 'people',
    title: `Change of people, ${dayOf(sources.wallMs)}`,
    script: [
      ...openingSteps(sources, wish),
      announceStep(view),
      ...view.missing.map(enrolStep),
      step(
        'Sign the change and seal anew',
        [
          `First the change is signed (${view.signers.quorum} of those who may). Then ${view.records} sealed ${view.records === 1 ? 'record is' : 'records are'} sealed anew, without any secret being shown, and each custodian concerned touches their key once more to check their new share.`,
          'Until the last of them has tapped, everything is as it was; with the last tap everything is as announced. There is nothing between.',
        ].join('\n'),
        'custodian',
        { kind: 'reshare' },
      ),
      ...drillSteps(sources, view),
      ...leaverStep(sources, view),
      ...closingSteps(),
    ],
  }
}

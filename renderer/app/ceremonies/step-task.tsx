/** What brings the step about: the button that starts it, and who does it where that is open. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import type { Task } from '../../../shared/domain/ceremony.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useAction } from '../../ui/use-action.ts'
import { KeyLabels, usualLabels } from '../keys/key-labels.tsx'
import { ChangeLines } from '../changes/change-lines.tsx'
import { RotationNoteField } from '../rotation-note-field.tsx'
import { draftOf, findNoteProblem, tidyNote } from '../seal-draft.ts'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { usePersonName } from './use-names.ts'

interface Props {
  readonly ceremony: CeremonyView
  readonly step: CeremonyView['steps'][number]
}

/** The words of the log's head, to be read aloud and compared. */
function HeadWords(): ReactNode {
  const { log } = useVaultState()
  return (
    <div className="head-words">
      <ol className="plain-list" aria-label="The head of the log in words">
        {log.words.map((word, index) => (
          <li key={index}>{word}</li>
        ))}
      </ol>
      <p className="small soft">The log’s head now, after {log.size.toLocaleString('en-GB')} entries.</p>
    </div>
  )
}

const buttonWords: Readonly<Partial<Record<Task['kind'], string>>> = {
  seal: 'Seal the new version',
  prove: 'Prove that it opens',
  destroy: 'Erase the old versions',
  enrol: 'Bring the keys',
  reshare: 'Sign, seal anew and switch',
  'key-drill': 'Test this key',
  'safe-drill': 'Drill this safe',
  practice: 'Ask for it',
}

/** People who may do what the task asks for; null where nobody has to be named. */
function useDoers(task: Task): readonly { readonly id: string; readonly name: string }[] | null {
  const { persons, safes } = useVaultState()
  const { credentials } = useModel()
  if (task.kind !== 'seal' && task.kind !== 'destroy' && task.kind !== 'practice') return null
  const credential = credentials.find(({ id }) => id === task.credential)
  const holders = safes.find(({ id }) => id === credential?.safe)?.custodians ?? []
  return persons.filter(({ id, roles, keys }) => {
    if (keys.length === 0) return false
    switch (task.kind) {
      case 'practice':
        return credential?.requesters.includes(id) === true
      case 'seal':
        return roles.includes('lead') || roles.includes('custodian')
      case 'destroy':
        return roles.includes('lead') || holders.includes(id)
    }
  })
}

/** Of a step that seals: what is known of the credential, and the note that was entered before. Null for other steps. */
function useSealing(task: Task) {
  const { credentials, sealDraft } = useModel()
  if (task.kind !== 'seal') return null
  const credential = credentials.find(({ id }) => id === task.credential) ?? null
  const kept = sealDraft?.credential === task.credential ? sealDraft.draft.rotationNote : undefined
  return { credential: task.credential, draft: draftOf(credential), entered: kept ?? null }
}

/** A task that an operation of the vault brings about. */
function RunTask({ ceremony, step }: Props): ReactNode {
  const { call, keepDraft } = useStore()
  const { operation, change } = useVaultState()
  const { run, busy, error } = useAction()
  const { task } = step
  const doers = useDoers(task)
  const sealing = useSealing(task)
  const [person, setPerson] = useState<string | null>(
    () => step.person ?? (doers?.some(({ id }) => id === ceremony.lead) === true ? ceremony.lead : null),
  )
  const [note, setNote] = useState(sealing?.entered ?? null)
  const [labels, setLabels] = useState<readonly string[]>(usualLabels)
  const newcomer =
    task.kind === 'enrol'
      ? change?.missing.find(({ person: id, kind }) => id === task.person && kind === 'new')
      : undefined
  if (step.isBroughtAbout) return null
  const start = (): void => {
    if (sealing !== null && note !== null)
      keepDraft({ credential: sealing.credential, draft: { ...sealing.draft, rotationNote: note } })
    void run(() =>
      call['ceremony.run']({
        ceremony: ceremony.id,
        step: ceremony.now,
        person: doers === null ? null : person,
        labels: newcomer !== undefined ? labels.map((label) => label.trim()) : [],
        ...(note === null ? {} : { rotationNote: tidyNote(note) }),
      }),
    )
  }
  return (
    <div className="stack-tight">
      {task.kind === 'reshare' && change !== null && <ChangeLines change={change} />}
      {newcomer !== undefined && <KeyLabels name={newcomer.name} labels={labels} onChange={setLabels} />}
      {sealing !== null && note !== null && <RotationNoteField value={note} onChange={setNote} />}
      {sealing !== null && note === null && (
        <div className="row">
          <Button look="quiet" size="little" onPress={() => setNote(sealing.draft.rotationNote ?? '')}>
            {(sealing.draft.rotationNote ?? '') === '' ? 'Write down how it is rotated' : 'Change how it is rotated'}
          </Button>
        </div>
      )}
      <div className="step-run">
        {doers !== null && (
          <Select label="Who does it?" options={doers} value={person} onChange={setPerson} placeholder="Choose" />
        )}
        <Button
          look={task.kind === 'destroy' ? 'danger' : 'primary'}
          isDisabled={
            busy ||
            operation !== null ||
            (doers !== null && person === null) ||
            (note !== null && findNoteProblem(note) !== null)
          }
          onPress={start}
        >
          {buttonWords[task.kind] ?? 'Start'}
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </div>
  )
}

/** Uses that nobody has explained yet. */
export function Unclassified({ requests }: { readonly requests: readonly string[] }): ReactNode {
  const { owed } = useVaultState()
  const { go } = useStore()
  const nameOf = usePersonName()
  if (requests.length === 0) return null
  return (
    <div className="stack-tight">
      <ul className="unclassified">
        {requests.map((request) => (
          <li key={request}>{owed.find((one) => one.request === request)?.credentialName ?? nameOf(request)}</li>
        ))}
      </ul>
      <div className="row">
        <Button look="primary" onPress={() => go({ name: 'after-use' })}>
          Say what they were
        </Button>
      </div>
    </div>
  )
}

export function StepTask({ ceremony, step }: Props): ReactNode {
  const { task } = step
  switch (task.kind) {
    case 'confirm':
      return null
    case 'read-head':
      return <HeadWords />
    case 'classify':
      return <Unclassified requests={ceremony.unclassified} />
    default:
      return <RunTask ceremony={ceremony} step={step} />
  }
}

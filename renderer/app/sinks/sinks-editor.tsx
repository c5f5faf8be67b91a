/** Changing where the log goes: a change that a quorum signs. */
import { useState, type ReactNode } from 'react'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { limits } from '../../../shared/limits.ts'
import { useAction } from '../../ui/use-action.ts'
import { DraftList, SignedForm } from '../signed-list.tsx'
import { useStore } from '../use-app.ts'
import { createDraft, draftOf, readDraft, type SinkDraft } from './draft.ts'
import { SinkForm } from './sink-form.tsx'
import { kindNames } from './sink-words.ts'

interface Props {
  readonly settings: readonly SinkSettings[]
  readonly onClose: () => void
}

const noProblems = new Map<never, never>()

/** The list as it will be, one form each. */
export function SinksEditor({ settings, onClose }: Props): ReactNode {
  const { call } = useStore()
  const action = useAction()
  const [drafts, setDrafts] = useState<readonly SinkDraft[]>(() => settings.map(draftOf))
  const [checked, setChecked] = useState(false)
  const sign = (): void => {
    setChecked(true)
    const sinks = drafts.map(readDraft).flatMap((one) => ('settings' in one ? [one.settings] : []))
    if (sinks.length === drafts.length) void action.run(() => call['sinks.set']({ sinks }))
  }
  return (
    <SignedForm action={action} onSign={sign} onClose={onClose}>
      <DraftList
        drafts={drafts}
        kinds={kindNames}
        className="sink-form"
        addLabel="Add a sink"
        max={limits.sinks}
        create={createDraft}
        onChange={setDrafts}
        form={(draft, onChange) => {
          const read = checked ? readDraft(draft) : { problems: noProblems }
          return (
            <SinkForm draft={draft} problems={'problems' in read ? read.problems : noProblems} onChange={onChange} />
          )
        }}
      />
      <p className="soft small measure">
        Passwords, tokens and keys are not part of this: they are set on each machine, after the change is in force.
      </p>
    </SignedForm>
  )
}

/** Changing where the log goes: a change that a quorum signs. */
import { useState, type ReactNode } from 'react'
import type { SinkKind, SinkSettings } from '../../../shared/domain/sink.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore } from '../use-app.ts'
import { createDraft, draftOf, readDraft, type SinkDraft } from './draft.ts'
import { SinkForm } from './sink-form.tsx'
import { kindNames } from './sink-words.ts'

interface Props {
  readonly settings: readonly SinkSettings[]
  readonly onClose: () => void
}

const kinds = Object.keys(kindNames) as SinkKind[]
const noProblems = new Map<never, never>()

/** The list as it will be, one form each. */
export function SinksEditor({ settings, onClose }: Props): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [drafts, setDrafts] = useState<readonly SinkDraft[]>(() => settings.map(draftOf))
  const [checked, setChecked] = useState(false)
  const sign = async (): Promise<void> => {
    setChecked(true)
    const read = drafts.map(readDraft)
    const sinks = read.flatMap((one) => ('settings' in one ? [one.settings] : []))
    if (sinks.length < drafts.length) return
    await run(() => call['sinks.set']({ sinks }))
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void sign()
        focusFirstInvalid(event.currentTarget)
      }}
    >
      {drafts.map((draft) => {
        const read = checked ? readDraft(draft) : { problems: noProblems }
        const name = draft.name.trim() === '' ? `new ${kindNames[draft.kind]}` : draft.name
        return (
          <fieldset key={draft.id} className="panel stack sink-form">
            <legend>
              {kindNames[draft.kind]}: {name}
            </legend>
            <SinkForm
              draft={draft}
              problems={'problems' in read ? read.problems : noProblems}
              onChange={(next) => setDrafts(drafts.map((old) => (old.id === next.id ? next : old)))}
            />
            <div>
              <Button
                look="quiet"
                size="little"
                aria-label={`Take it out: ${name}`}
                onPress={() => setDrafts(drafts.filter(({ id }) => id !== draft.id))}
              >
                <Icon name="cross" size={16} /> Take it out
              </Button>
            </div>
          </fieldset>
        )
      })}
      <div className="row" role="group" aria-label="Add a sink">
        {kinds.map((kind) => (
          <Button
            key={kind}
            isDisabled={drafts.length >= limits.sinks}
            onPress={() => setDrafts([...drafts, createDraft(kind)])}
          >
            <Icon name="plus" size={16} /> {kindNames[kind]}
          </Button>
        ))}
      </div>
      <p className="soft small measure">
        Passwords, tokens and keys are not part of this: they are set on each machine, after the change is in force.
      </p>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy}>
          Have it signed
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}

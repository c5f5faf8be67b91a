/** Changing who holds what: made up, prepared, signed. */
import { useState, type ReactNode } from 'react'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { Screen } from '../screen.tsx'
import { allCustodians, checkPeople, checkSafes } from '../setup/plan.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { describeChange, startChange } from './draft.ts'
import { PeopleEditor } from './people-editor.tsx'
import { PreparedChange } from './prepared-change.tsx'
import { SafesEditor } from './safes-editor.tsx'

function Summary({ lines }: { readonly lines: readonly string[] }): ReactNode {
  return (
    <section className="panel stack-tight change-summary" aria-labelledby="summary">
      <h2 id="summary">What this changes</h2>
      <div role="status">
        {lines.length === 0 ? (
          <p className="soft">Nothing yet.</p>
        ) : (
          <ul className="rules">
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
      <p className="small soft">
        Nothing is in force before a quorum has signed and everybody has checked their new share with their own key.
      </p>
    </section>
  )
}

interface EditorProps {
  readonly start: PeopleChange
  readonly onDone: () => void
}

function ChangeEditor({ start, onDone }: EditorProps): ReactNode {
  const state = useVaultState()
  const { call, go } = useStore()
  const { run, busy, error } = useAction()
  const [change, setChange] = useState(start)
  const [checked, setChecked] = useState(false)
  const lines = describeChange(change, state)
  const problems = checked ? [...checkPeople(change.people).values(), ...checkSafes(change.safes).values()] : []
  const save = async (): Promise<void> => {
    setChecked(true)
    if (checkPeople(change.people).size > 0 || checkSafes(change.safes).size > 0) return
    if (await run(() => call['people.change'](change))) onDone()
  }
  return (
    <Screen title="Change who holds what" lead="Say how it shall be. You see the whole of it before anybody signs.">
      <div className="change-columns">
        <div className="stack-wide">
          <PeopleEditor change={change} onChange={setChange} />
          <SafesEditor change={change} onChange={setChange} />
          <section className="stack-tight measure" aria-labelledby="quorum">
            <h2 id="quorum">Later changes</h2>
            <NumberField
              label="How many custodians must sign a change of people or safes?"
              value={change.quorum}
              onChange={(quorum) => setChange({ ...change, quorum })}
              min={limits.thresholdMin}
              max={Math.max(limits.thresholdMin, allCustodians(change.safes).length)}
            />
          </section>
        </div>
        <div className="stack change-side">
          <Summary lines={lines} />
          {problems.length > 0 && (
            <Notice tone="bad" live="alert">
              {problems.map((problem) => (
                <p key={problem}>{problem}</p>
              ))}
            </Notice>
          )}
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
          <div className="row">
            <Button look="primary" isDisabled={busy || lines.length === 0} onPress={() => void save()}>
              Prepare this change
            </Button>
            <Button look="quiet" onPress={() => go({ name: 'people' })}>
              Go back
            </Button>
          </div>
        </div>
      </div>
    </Screen>
  )
}

/** A change that is prepared already is shown; it can be made up anew while nobody has enrolled for it. */
export function ChangeScreen(): ReactNode {
  const state = useVaultState()
  const [editing, setEditing] = useState(false)
  if (state.change === null || editing)
    return (
      <ChangeEditor
        key={state.change === null ? 'new' : 'again'}
        start={state.change?.change ?? startChange(state)}
        onDone={() => setEditing(false)}
      />
    )
  return <PreparedChange change={state.change} onEdit={() => setEditing(true)} />
}

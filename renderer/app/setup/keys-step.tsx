/** Step 4: every person's security keys, two each. */
import { useState, type ReactNode } from 'react'
import type { AppState } from '../../../shared/contracts/app.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { useAction } from '../../ui/use-action.ts'
import { checkLabels, KeyLabels, usualLabels } from '../keys/key-labels.tsx'
import { OperationPanel } from '../operation-screen.tsx'
import { roleNames } from '../../ui/role-names.ts'
import { Screen } from '../screen.tsx'
import { TapPlaceSection } from '../tap-place-section.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { tidy, type PlannedPerson } from './plan.ts'

type Setup = NonNullable<AppState['setup']>

function PersonKeys({ person, setup }: { readonly person: PlannedPerson; readonly setup: Setup }): ReactNode {
  const { call } = useStore()
  const { operation } = useVaultState()
  const { run, busy, error } = useAction()
  const enrolled = setup.enrolled.find((entry) => entry.person === person.id)?.keys ?? []
  const [labels, setLabels] = useState<readonly string[]>(usualLabels)
  const [editing, setEditing] = useState(false)
  const problem = checkLabels(labels)
  const isDone = enrolled.length > 0
  return (
    <li className={isDone ? 'person-keys done' : 'person-keys'}>
      <div className="person-keys-head">
        <div className="stack-tight">
          <h2>{person.name}</h2>
          <p className="soft small">
            {person.roles.map((role) => roleNames[role]).join(', ')} ·{' '}
            {isDone
              ? `enrolled: ${enrolled.map(({ label }) => label).join(', ')}`
              : `will enrol: ${labels.map(tidy).join(', ')}`}
          </p>
        </div>
        <div className="row">
          {isDone && (
            <span className={enrolled.length === 1 ? 'badge warn' : 'badge ok'}>
              <Icon name={enrolled.length === 1 ? 'warn' : 'check'} size={14} />{' '}
              {enrolled.length === 1 ? 'Only one key' : `${enrolled.length} keys`}
            </span>
          )}
          <Button
            look="quiet"
            size="little"
            aria-expanded={editing}
            aria-label={`Name the keys of ${person.name}`}
            onPress={() => setEditing(!editing)}
          >
            Name the keys
          </Button>
          <Button
            look={isDone ? 'plain' : 'primary'}
            isDisabled={busy || operation !== null || problem !== null}
            onPress={() => void run(() => call['setup.enrol']({ person: person.id, labels: labels.map(tidy) }))}
          >
            <span>
              Enrol keys<span className="sr-only"> of {person.name}</span>
              {isDone && ' again'}
            </span>
          </Button>
        </div>
      </div>
      {editing && <KeyLabels name={person.name} labels={labels} onChange={setLabels} />}
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {labels.length === 1 && !isDone && (
        <Notice tone="warn">With one key, a lost or broken key locks {person.name} out. Two are better.</Notice>
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}

/** Going back to planning forgets the keys: asked for, said, then done. */
function ChangePlan(): ReactNode {
  const { call } = useStore()
  const { operation } = useVaultState()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button look="quiet" isDisabled={busy || operation !== null} onPress={() => setAsking(true)}>
        Change the plan
      </Button>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <AskDialog
        title="Change people or safes?"
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirm={{
          label: 'Forget the keys and change the plan',
          danger: true,
          onPress: () => void run(() => call['setup.replan']({})),
        }}
      >
        <p>
          The keys enrolled so far belong to this plan. They are forgotten, and everybody enrols again after the change.
        </p>
      </AskDialog>
    </>
  )
}

/** `onDone` goes on to the acknowledgements. */
export function KeysStep({ setup, onDone }: { readonly setup: Setup; readonly onDone: () => void }): ReactNode {
  const { operation } = useVaultState()
  const { people } = setup.plan
  const ready = people.filter((person) =>
    setup.enrolled.some((entry) => entry.person === person.id && entry.keys.length > 0),
  )
  const alone = people.filter((person) =>
    setup.enrolled.some((entry) => entry.person === person.id && entry.keys.length === 1),
  )
  // The vault says when enough keys are there; who only witnesses or audits can do without one.
  const isComplete = setup.step === 'acknowledge'
  return (
    <Screen
      title="Security keys"
      lead="Two for each person: one in use, one in a drawer elsewhere. A lost key must never be the reason that a safe stays shut."
    >
      {operation === null ? (
        <div className="stack">
          <p role="status" className="soft">
            {ready.length} of {people.length} people have their keys.{' '}
            {alone.length > 0 && `With only one key: ${alone.map(({ name }) => name).join(', ')}.`}
          </p>
          <ul className="plain-list person-keys-list">
            {people.map((person) => (
              <PersonKeys key={person.id} person={person} setup={setup} />
            ))}
          </ul>
          <div className="row">
            <Button look="primary" isDisabled={!isComplete} onPress={onDone}>
              Continue
            </Button>
            <ChangePlan />
            {!isComplete && (
              <span className="soft small">Goes on when every custodian, requester and lead has a key.</span>
            )}
          </div>
          <TapPlaceSection />
        </div>
      ) : (
        <OperationPanel operation={operation} />
      )}
    </Screen>
  )
}

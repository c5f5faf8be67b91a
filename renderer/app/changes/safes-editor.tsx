/** Who holds a share of which safe after the change, and how many of them open it. */
import { useState, type ReactNode } from 'react'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { tidy, type PlannedSafe } from '../setup/plan.ts'
import { useModel, useVaultState } from '../use-app.ts'
import { DelayChoice } from '../waiting/delay-choice.tsx'
import { setDelay } from '../waiting/waiting-words.ts'
import { credentialsIn, joinSafe, setCustodians, setSafe, splitSafe } from './draft.ts'

interface Props {
  readonly change: PeopleChange
  readonly onChange: (change: PeopleChange) => void
}

function SplitForm({
  safe,
  change,
  onChange,
  onClose,
}: Props & { readonly safe: PlannedSafe; readonly onClose: () => void }): ReactNode {
  // prettier-ignore
  const { credentials } = useModel()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const isComplete = tidy(name) !== '' && chosen.length > 0
  return (
    <form
      className="inline-form stack-tight"
      aria-label={`Split the safe ${safe.name}`}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isComplete) return
        onChange(splitSafe(change, safe, name, chosen))
        onClose()
      }}
    >
      <TextField label="Name of the new safe" value={name} onChange={setName} max={limits.nameLength} autoFocus />
      <ChooseMany
        label="Which credentials go there?"
        options={credentialsIn(change, credentials, safe.id)}
        value={chosen}
        onChange={setChosen}
      />
      <div className="row">
        <Button look="primary" size="little" type="submit" isDisabled={!isComplete}>
          Split
        </Button>
        <Button look="quiet" size="little" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}

function SafeCard({ safe, change, onChange }: Props & { readonly safe: PlannedSafe }): ReactNode {
  const { safes, persons } = useVaultState()
  const { credentials } = useModel()
  const [splitting, setSplitting] = useState(false)
  const isNew = !safes.some(({ id }) => id === safe.id)
  const custodians = change.people.filter(({ roles }) => roles.includes('custodian'))
  const count = credentialsIn(change, credentials, safe.id).length
  const spare = safe.custodians.length - safe.threshold
  return (
    <li className="panel stack-tight">
      <div className="spread">
        <div>
          <h3>
            {safe.name}{' '}
            {isNew && (
              <span className="badge ok">
                <Icon name="plus" size={14} /> New
              </span>
            )}
          </h3>
          <p className="small soft">{count === 1 ? 'One credential' : `${count} credentials`}</p>
        </div>
        {isNew ? (
          <Button
            look="quiet"
            size="little"
            aria-label={`Take out: ${safe.name}`}
            onPress={() => onChange(joinSafe(change, safe.id))}
          >
            Take out
          </Button>
        ) : (
          <Button
            look="quiet"
            size="little"
            aria-label={`Split it: ${safe.name}`}
            aria-expanded={splitting}
            isDisabled={count < 2 || change.safes.length >= limits.safes}
            onPress={() => setSplitting(!splitting)}
          >
            Split it
          </Button>
        )}
      </div>
      {splitting && <SplitForm safe={safe} change={change} onChange={onChange} onClose={() => setSplitting(false)} />}
      <ChooseMany
        label={`Custodians of ${safe.name}`}
        options={custodians}
        value={safe.custodians}
        onChange={(chosen) => onChange(setCustodians(change, safe, chosen))}
      />
      <NumberField
        label={`How many of them must tap? (${safe.name})`}
        hint={
          spare <= 0
            ? 'All of them: one absent person, and nothing opens.'
            : `It still opens when ${spare === 1 ? 'one of them is' : `${spare} of them are`} out of reach.`
        }
        value={safe.threshold}
        onChange={(threshold) => onChange(setSafe(change, { ...safe, threshold }))}
        min={limits.thresholdMin}
        max={Math.max(limits.thresholdMin, safe.custodians.length)}
      />
      <DelayChoice
        safe={safe.name}
        value={safe.policy.delay}
        people={change.people.map(({ id, name }) =>
          persons.some((one) => one.id === id && one.keys.length > 0)
            ? { id, name }
            : { id, name, hint: 'needs a key first' },
        )}
        onChange={(delay) => onChange(setSafe(change, { ...safe, policy: setDelay(safe.policy, delay) }))}
      />
    </li>
  )
}

export function SafesEditor({ change, onChange }: Props): ReactNode {
  return (
    <section className="stack-tight" aria-labelledby="safes">
      <h2 id="safes">Safes</h2>
      <ul className="plain-list stack">
        {change.safes.map((safe) => (
          <SafeCard key={safe.id} safe={safe} change={change} onChange={onChange} />
        ))}
      </ul>
    </section>
  )
}

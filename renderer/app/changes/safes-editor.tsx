/** Who holds a share of which safe after the change, and how many of them open it. */
import { useState, type ReactNode } from 'react'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { tidy, type PlannedSafe } from '../setup/plan.ts'
import { useModel, useVaultState } from '../use-app.ts'
import { DelayChoice } from '../waiting/delay-choice.tsx'
import { setDelay } from '../waiting/waiting-words.ts'
import { credentialsIn, joinSafe, setCustodians, setSafe, splitSafe } from './draft.ts'
import { ChangedName, InlineForm } from './inline-form.tsx'

interface Props {
  readonly change: PeopleChange
  readonly onChange: (change: PeopleChange) => void
}

interface SplitProps extends Props {
  readonly safe: PlannedSafe
  readonly onClose: () => void
}

function SplitForm({ safe, change, onChange, onClose }: SplitProps): ReactNode {
  const { credentials } = useModel()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  return (
    <InlineForm
      title={`Split the safe ${safe.name}`}
      confirm="Split"
      isReady={tidy(name) !== '' && chosen.length > 0}
      onConfirm={() => {
        onChange(splitSafe(change, safe, name, chosen))
        onClose()
      }}
      onClose={onClose}
    >
      <TextField label="Name of the new safe" value={name} onChange={setName} max={limits.nameLength} autoFocus />
      <ChooseMany
        label="Which credentials go there?"
        options={credentialsIn(change, credentials, safe.id)}
        value={chosen}
        onChange={setChosen}
      />
    </InlineForm>
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
          <ChangedName name={safe.name} isNew={isNew} badge="New" />
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

/** Step 2: who takes part, and as what. */
import { useState, type ReactNode } from 'react'
import type { Plan } from '../../../shared/contracts/plan.ts'
import { roleSchema, type Role } from '../../../shared/domain/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { roleNames } from '../../ui/role-names.ts'
import { Screen } from '../screen.tsx'
import { useStore } from '../use-app.ts'
import { checkPeople, createPerson, fitQuorum, fitSafes, tidy, type PlannedPerson } from './plan.ts'

const roles = roleSchema.options.map((id) => ({ id, name: roleNames[id] }))

interface RowProps {
  readonly person: PlannedPerson
  readonly place: number
  readonly problem: string | undefined
  readonly onChange: (person: PlannedPerson) => void
  readonly onRemove: () => void
}

function PersonRow({ person, place, problem, onChange, onRemove }: RowProps): ReactNode {
  const name = tidy(person.name)
  return (
    <li className="planned-person">
      <TextField
        label={`Name of person ${place}`}
        value={person.name}
        onChange={(next) => onChange({ ...person, name: next })}
        max={limits.nameLength}
        error={problem ?? null}
      />
      <ChooseMany<Role>
        label={name === '' ? `Roles of person ${place}` : `Roles of ${name}`}
        options={roles}
        value={person.roles}
        onChange={(next) => onChange({ ...person, roles: next })}
      />
      <Button
        look="quiet"
        size="little"
        aria-label={name === '' ? `Remove person ${place}` : `Remove ${name}`}
        onPress={onRemove}
      >
        <Icon name="cross" size={16} /> Remove
      </Button>
    </li>
  )
}

/** `onSaved` goes on to the safes. */
export function PeopleStep({ plan, onSaved }: { readonly plan: Plan; readonly onSaved: () => void }): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [people, setPeople] = useState<readonly PlannedPerson[]>(() =>
    plan.people.length > 0 ? plan.people : [createPerson(), createPerson(), createPerson()],
  )
  const [checked, setChecked] = useState(false)
  const problems = checked ? checkPeople(people) : new Map<string, string>()
  const save = async (): Promise<void> => {
    setChecked(true)
    if (checkPeople(people).size > 0) return
    const tidied = people.map((person) => ({ ...person, name: tidy(person.name) }))
    const safes = fitSafes(plan.safes, tidied)
    const next = { ...plan, people: tidied, safes, quorum: fitQuorum(plan.quorum, safes) }
    if (await run(() => call['setup.plan'](next))) onSaved()
  }
  return (
    <Screen
      title="People"
      lead="Everybody who takes part is a named person with keys of their own. Nobody acts for somebody else."
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
          focusFirstInvalid(event.currentTarget)
        }}
      >
        <dl className="facts small role-help">
          <dt>Custodian</dt>
          <dd>holds a share and taps to let a credential be opened</dd>
          <dt>Requester</dt>
          <dd>may ask for a credential</dd>
          <dt>Ceremony lead, witness</dt>
          <dd>lead and watch ceremonies</dd>
          <dt>Auditor</dt>
          <dd>checks and exports the log</dd>
        </dl>
        <ul className="plain-list planned-people">
          {people.map((person, index) => (
            <PersonRow
              key={person.id}
              person={person}
              place={index + 1}
              problem={problems.get(person.id)}
              onChange={(next) => setPeople(people.map((old) => (old.id === next.id ? next : old)))}
              onRemove={() => setPeople(people.filter(({ id }) => id !== person.id))}
            />
          ))}
        </ul>
        <div className="row">
          <Button isDisabled={people.length >= limits.persons} onPress={() => setPeople([...people, createPerson()])}>
            <Icon name="plus" size={16} /> Add a person
          </Button>
        </div>
        {problems.has('all') && (
          <Notice tone="bad" live="alert">
            <p>{problems.get('all')}</p>
          </Notice>
        )}
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        <div className="row">
          <Button look="primary" type="submit" isDisabled={busy}>
            Save people
          </Button>
        </div>
      </form>
    </Screen>
  )
}

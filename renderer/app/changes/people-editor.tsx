/** Who takes part after the change: somebody joins, leaves, is replaced, gets other roles. */
import { useState, type ReactNode } from 'react'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import { roleSchema, type Role } from '../../../shared/domain/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { roleNames } from '../../ui/role-names.ts'
import { createPerson, tidy, type PlannedPerson } from '../setup/plan.ts'
import { useVaultState } from '../use-app.ts'
import { addPerson, keepPerson, removePerson, replacePerson, setRoles } from './draft.ts'
import { ChangedName, InlineForm } from './inline-form.tsx'

interface Props {
  readonly change: PeopleChange
  readonly onChange: (change: PeopleChange) => void
}

const roles = roleSchema.options.map((id) => ({ id, name: roleNames[id] }))

interface NameFormProps {
  readonly title: string
  readonly hint: string
  readonly confirm: string
  readonly taken: readonly string[]
  readonly onGiven: (name: string) => void
  readonly onClose: () => void
}

/** The name of somebody new. */
function NameForm({ title, hint, confirm, taken, onGiven, onClose }: NameFormProps): ReactNode {
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const problem =
    tidy(name) === ''
      ? 'Enter a name.'
      : taken.includes(tidy(name).toLowerCase())
        ? 'This name is in the list already. Add something that tells the two apart.'
        : null
  return (
    <InlineForm
      title={title}
      confirm={confirm}
      onConfirm={() => {
        setTried(true)
        if (problem === null) onGiven(tidy(name))
      }}
      onClose={onClose}
    >
      <TextField
        label={title}
        hint={hint}
        value={name}
        onChange={setName}
        max={limits.nameLength}
        error={tried ? problem : null}
        autoFocus
      />
    </InlineForm>
  )
}

const takenNames = ({ people }: PeopleChange): string[] => people.map(({ name }) => name.toLowerCase())

function PersonRow({ person, change, onChange }: Props & { readonly person: PlannedPerson }): ReactNode {
  const { persons } = useVaultState()
  const [open, setOpen] = useState<'roles' | 'replace' | null>(null)
  const isNew = !persons.some(({ id }) => id === person.id)
  const toggle = (part: 'roles' | 'replace'): void => setOpen(open === part ? null : part)
  return (
    <li className="change-person">
      <div className="spread">
        <div>
          <ChangedName name={person.name} isNew={isNew} badge="Joins" />
          <p className="small soft">{person.roles.map((role) => roleNames[role]).join(', ') || 'No role'}</p>
        </div>
        <div className="row change-actions">
          <Button
            look="quiet"
            size="little"
            aria-label={`Roles of ${person.name}`}
            aria-expanded={open === 'roles'}
            onPress={() => toggle('roles')}
          >
            Roles
          </Button>
          {!isNew && (
            <Button
              size="little"
              aria-label={`Replace ${person.name}`}
              aria-expanded={open === 'replace'}
              onPress={() => toggle('replace')}
            >
              Replace
            </Button>
          )}
          <Button
            look="quiet"
            size="little"
            aria-label={`Remove ${person.name}`}
            onPress={() => onChange(removePerson(change, person.id))}
          >
            Remove
          </Button>
        </div>
      </div>
      {open === 'roles' && (
        <ChooseMany<Role>
          label={`Roles of ${person.name}`}
          options={roles}
          value={person.roles}
          onChange={(next) => onChange(setRoles(change, { ...person, roles: next }))}
        />
      )}
      {open === 'replace' && (
        <NameForm
          title={`Who comes in place of ${person.name}?`}
          hint="The same roles and the same safes; they enrol their own keys."
          confirm="Replace"
          taken={takenNames(change)}
          onGiven={(name) => {
            setOpen(null)
            onChange(replacePerson(change, person.id, name))
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </li>
  )
}

export function PeopleEditor({ change, onChange }: Props): ReactNode {
  const state = useVaultState()
  const [adding, setAdding] = useState(false)
  const gone = state.persons.filter(({ id }) => !change.people.some((person) => person.id === id))
  return (
    <section className="stack-tight" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul className="plain-list framed-list">
        {change.people.map((person) => (
          <PersonRow key={person.id} person={person} change={change} onChange={onChange} />
        ))}
        {gone.map(({ id, name }) => (
          <li key={id} className="change-person spread">
            <h3>
              <del>{name}</del>{' '}
              <span className="badge warn">
                <Icon name="minus" size={14} /> Leaves
              </span>
            </h3>
            <Button
              look="quiet"
              size="little"
              aria-label={`Keep after all: ${name}`}
              onPress={() => onChange(keepPerson(change, state, id))}
            >
              Keep after all
            </Button>
          </li>
        ))}
      </ul>
      {adding ? (
        <NameForm
          title="Who joins?"
          hint="Custodian and requester at first; choose the safes below."
          confirm="Add"
          taken={takenNames(change)}
          onGiven={(name) => {
            setAdding(false)
            onChange(addPerson(change, { ...createPerson(), name }, []))
          }}
          onClose={() => setAdding(false)}
        />
      ) : (
        <div className="row">
          <Button isDisabled={change.people.length >= limits.persons} onPress={() => setAdding(true)}>
            <Icon name="plus" size={16} /> Add a person
          </Button>
        </div>
      )}
    </section>
  )
}

/** Everybody with their security keys, and the care of these. */
import { useState, type ReactNode } from 'react'
import type { AppState } from '../../../shared/contracts/app.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { roleNames } from '../../ui/role-names.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { KeyRow } from './key-row.tsx'
import { checkLabel, suggestLabel } from './key-words.ts'
import { LabelForm } from './label-form.tsx'

type Person = AppState['persons'][number]

function KeyCount({ keys }: Pick<Person, 'keys'>): ReactNode {
  if (keys.length > 1) return null
  return (
    <span className="badge warn">
      <Icon name="warn" size={14} /> {keys.length === 0 ? 'No key' : 'Only one key'}
    </span>
  )
}

function PersonCard({ person }: { readonly person: Person }): ReactNode {
  const { call } = useStore()
  const { operation } = useVaultState()
  const [adding, setAdding] = useState(false)
  const { keys } = person
  return (
    <li className="panel stack-tight person-card">
      <div className="spread">
        <div>
          <h3>{person.name}</h3>
          <p className="soft small">{person.roles.map((role) => roleNames[role]).join(', ') || 'No role'}</p>
        </div>
        <div className="row">
          <KeyCount keys={keys} />
          {keys.length > 0 && (
            <Button
              size="little"
              aria-label={`Add a backup key for ${person.name}`}
              aria-expanded={adding}
              isDisabled={operation !== null}
              onPress={() => setAdding(!adding)}
            >
              Add a backup key
            </Button>
          )}
        </div>
      </div>
      {keys.length === 1 && (
        <p className="small">
          If this key is lost or breaks, {person.name} is locked out. Add a second one and put it away elsewhere.
        </p>
      )}
      {adding && (
        <LabelForm
          title={`A backup key for ${person.name}`}
          label="Name of the new key"
          start={suggestLabel(keys)}
          hint="Have both at hand: the new key is touched first, until it has proved itself, then one that is in use already."
          confirm="Enrol the new key"
          check={(label) => checkLabel(label, keys, null)}
          onGiven={(label) => call['keys.add']({ person: person.id, label })}
          onClose={() => setAdding(false)}
        />
      )}
      {keys.length > 0 && (
        <ul className="plain-list key-rows" aria-label={`Security keys of ${person.name}`}>
          {keys.map((security) => (
            <KeyRow key={security.credentialId} person={person} security={security} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** People and their keys, on the screen that shows who holds what. */
export function PeopleKeys(): ReactNode {
  const { persons } = useVaultState()
  const alone = persons.filter(({ keys }) => keys.length === 1)
  return (
    <section className="stack-tight" aria-labelledby="people">
      <h2 id="people">People and their keys</h2>
      <p className="soft">
        {alone.length === 0
          ? 'Everybody with a key has two or more. Test them now and then: a key that nobody tests is a hope.'
          : `${alone.length === 1 ? 'One person has' : `${alone.length} people have`} only one key. Two each: one in use, one in a drawer elsewhere.`}
      </p>
      <ul className="plain-list person-cards">
        {persons.map((person) => (
          <PersonCard key={person.id} person={person} />
        ))}
      </ul>
    </section>
  )
}

/** Who has tapped and who may still: by sign, word and name. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from './pictures.tsx'

export interface PersonMark {
  readonly key: string
  readonly name: string
  readonly state: 'tapped' | 'waiting' | 'not-needed' | 'not-counted'
  /** In place of the usual word for the state. */
  readonly note?: string
}

const marks: Readonly<Record<PersonMark['state'], { readonly icon: IconName; readonly word: string }>> = {
  tapped: { icon: 'check', word: 'tapped' },
  waiting: { icon: 'waiting', word: 'may tap' },
  'not-needed': { icon: 'minus', word: 'not needed' },
  'not-counted': { icon: 'info', word: 'tapped, does not count' },
}

/** A list of people with their state; long lists scroll within themselves. */
export function PeopleList({
  people,
  label,
}: {
  readonly people: readonly PersonMark[]
  readonly label: string
}): ReactNode {
  return (
    // Focusable, so that the arrow keys can scroll a long list.
    <ul className="people plain-list" aria-label={label} tabIndex={0}>
      {people.map((person) => {
        const mark = marks[person.state]
        return (
          <li key={person.key} className={`person ${person.state}`}>
            <Icon name={mark.icon} />
            <span className="person-name">{person.name}</span>
            <span className="person-word">{person.note ?? mark.word}</span>
          </li>
        )
      })}
    </ul>
  )
}

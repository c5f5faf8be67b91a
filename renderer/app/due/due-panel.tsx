/** On the first screen: what is due now, the most urgent in sight; one calm line when nothing is. */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { formatDate, formatDaysUntil } from '../../ui/time.ts'
import { useNow, useStore, useVaultState } from '../use-app.ts'
import { dueNames } from './due-words.ts'
import { DueRow } from './due-row.tsx'

/** Lines in sight: the credentials below are what somebody in a hurry is looking for. */
const inSight = 2

/** Shown above the credentials. */
export function DuePanel(): ReactNode {
  const { due } = useVaultState()
  const { go } = useStore()
  const now = useNow(60_000)
  const today = due.filter(({ isDue }) => isDue)
  const next = due.find(({ isDue }) => !isDue)
  if (today.length === 0)
    return next === undefined ? null : (
      <p className="due-calm">
        <Icon name="check" size={18} />
        <span>
          Nothing is due. Next: {dueNames[next.kind].toLowerCase()} {next.name}, {formatDaysUntil(next.dueAt, now)} (
          {formatDate(next.dueAt)}).
        </span>
        <Button look="quiet" size="little" onPress={() => go({ name: 'due' })}>
          What comes
        </Button>
      </p>
    )
  const rotations = today.filter(({ kind }) => kind === 'rotate')
  return (
    <section className="due-panel" aria-labelledby="due">
      <div className="spread">
        <h2 id="due">{today.length === 1 ? 'One thing is due' : `${today.length} things are due`}</h2>
        <div className="row">
          {rotations.length > 1 && (
            <Button
              size="little"
              onPress={() => go({ name: 'plan-ceremony', kind: 'rotation', chosen: rotations.map(({ id }) => id) })}
            >
              Start a rotation ceremony
            </Button>
          )}
          <Button look="quiet" size="little" onPress={() => go({ name: 'due' })}>
            {today.length > inSight ? `See all ${today.length}` : 'What comes next'}
          </Button>
        </div>
      </div>
      <ul className="plain-list due-list">
        {today.slice(0, inSight).map((item) => (
          <DueRow key={`${item.kind} ${item.id}`} due={item} now={now} />
        ))}
      </ul>
    </section>
  )
}

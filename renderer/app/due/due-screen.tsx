/** Everything that is due, and what comes next. */
import type { ReactNode } from 'react'
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import { Button } from '../../ui/button.tsx'
import { Screen } from '../screen.tsx'
import { useNow, useStore, useVaultState } from '../use-app.ts'
import { DueRow } from './due-row.tsx'

/** Rows drawn at once. */
const mostRows = 200

function DueList({
  title,
  id,
  due,
}: {
  readonly title: string
  readonly id: string
  readonly due: readonly Due[]
}): ReactNode {
  const now = useNow(60_000)
  if (due.length === 0) return null
  return (
    <section className="stack-tight" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul className="plain-list due-list framed">
        {due.slice(0, mostRows).map((item) => (
          <DueRow key={`${item.kind} ${item.id}`} due={item} now={now} />
        ))}
      </ul>
      {due.length > mostRows && <p className="soft">And {due.length - mostRows} more, when these are done.</p>}
    </section>
  )
}

export function DueScreen(): ReactNode {
  const { due, ceremony } = useVaultState()
  const { go } = useStore()
  const now = due.filter(({ isDue }) => isDue)
  const later = due.filter(({ isDue }) => !isDue)
  const rotations = now.filter(({ kind }) => kind === 'rotate')
  const drills = now.filter(({ kind }) => kind === 'drill-person' || kind === 'drill-safe')
  const actions = (
    <>
      {rotations.length > 0 && (
        <Button onPress={() => go({ name: 'plan-ceremony', kind: 'rotation', chosen: rotations.map(({ id }) => id) })}>
          Rotation ceremony
        </Button>
      )}
      {drills.length > 0 && (
        <Button onPress={() => go({ name: 'plan-ceremony', kind: 'drill', chosen: [] })}>Drill ceremony</Button>
      )}
    </>
  )
  return (
    <Screen
      title="What is due"
      lead="Each can be done by itself, here, or several in one ceremony with a script and signed minutes."
      {...(ceremony === null ? { actions } : {})}
    >
      {due.length === 0 && (
        <div className="panel empty">
          <h2>Nothing is due</h2>
          <p>
            Here stands what is to be done regularly: credentials that are to be changed, keys and safes that are to be
            drilled, uses that nobody has explained yet.
          </p>
        </div>
      )}
      <div className="stack-wide">
        <DueList title="Now" id="due-now" due={now} />
        <DueList title="Next" id="due-later" due={later} />
      </div>
    </Screen>
  )
}

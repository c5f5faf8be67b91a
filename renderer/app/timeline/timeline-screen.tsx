/** Everything that ever happened, newest first, in words. */
import { useMemo, useState, type ReactNode } from 'react'
import { describeEntry } from '../../../shared/audit/entry-sentences.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { formatNumber } from '../../ui/time.ts'
import { createNames } from '../names.ts'
import { Screen } from '../screen.tsx'
import { useModel, useVaultState } from '../use-app.ts'
import { entryGroups } from './entry-groups.ts'
import { EntryDetails } from './entry-details.tsx'
import { EntryList } from './entry-list.tsx'
import type { Found } from './found.ts'
import { LogPanel } from './log-panel.tsx'
import { toFilter, type Choice } from './timeline-filter.ts'
import { useTimeline } from './use-timeline.ts'

const everything: Choice = { group: 'all', person: 'all', credential: 'all', text: '', from: '', to: '' }

function Filters({
  choice,
  onChange,
}: {
  readonly choice: Choice
  readonly onChange: (choice: Choice) => void
}): ReactNode {
  const { persons } = useVaultState()
  const { credentials } = useModel()
  return (
    <div className="filters" role="search" aria-label="Filter the timeline">
      <Select
        label="Person"
        options={[{ id: 'all', name: 'Everybody' }, ...persons]}
        value={choice.person}
        onChange={(person) => onChange({ ...choice, person })}
      />
      <Select
        label="Credential"
        options={[{ id: 'all', name: 'All credentials' }, ...credentials]}
        value={choice.credential}
        onChange={(credential) => onChange({ ...choice, credential })}
      />
      <Select
        label="What"
        options={entryGroups}
        value={choice.group}
        onChange={(group) => onChange({ ...choice, group })}
      />
      <TextField
        label="Text"
        type="search"
        value={choice.text}
        onChange={(text) => onChange({ ...choice, text })}
        max={100}
      />
      <TextField label="From" type="date" value={choice.from} onChange={(from) => onChange({ ...choice, from })} />
      <TextField label="To" type="date" value={choice.to} onChange={(to) => onChange({ ...choice, to })} />
    </div>
  )
}

function countWords({ total, isCut }: Found, isFiltered: boolean): string {
  const found = isCut ? `The newest ${formatNumber(total)}` : formatNumber(total)
  return `${found} ${total === 1 ? 'entry' : 'entries'}${isFiltered ? ' found' : ''}`
}

/** The timeline. */
export function TimelineScreen(): ReactNode {
  const state = useVaultState()
  const { credentials } = useModel()
  const [choice, setChoice] = useState(everything)
  const [selected, setSelected] = useState<number | null>(null)
  const { found, entries, loading, error, show } = useTimeline(toFilter(choice))
  const names = useMemo(() => createNames(state, credentials, [...entries.values()]), [state, credentials, entries])
  const isFiltered = JSON.stringify(choice) !== JSON.stringify(everything)
  const chosen = selected === null ? null : (entries.get(selected) ?? null)
  return (
    <Screen title="Timeline" className="timeline">
      <LogPanel />
      <Filters choice={choice} onChange={setChoice} />
      <div className="spread">
        <p role="status" className="soft small">
          {loading ? 'Reading…' : countWords(found, isFiltered)}
        </p>
        {isFiltered && (
          <Button look="quiet" size="little" onPress={() => setChoice(everything)}>
            Clear the filter
          </Button>
        )}
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {!loading && found.total === 0 && error === null ? (
        <p className="panel">
          {isFiltered
            ? 'Nothing in the log fits this filter. Choose less, or clear it.'
            : 'The log is still empty. Its first entry comes with the vault.'}
        </p>
      ) : (
        <div className="entries-and-one">
          <EntryList
            found={found}
            entries={entries}
            names={names}
            selected={selected}
            onSelect={setSelected}
            onSight={show}
          />
          <EntryDetails entry={chosen} sentence={chosen === null ? '' : describeEntry(chosen, names)} />
        </div>
      )}
    </Screen>
  )
}

/** Everything that ever happened, newest first, in words. */
import { Fragment, useMemo, useState, type ReactNode } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { Button } from '../../ui/button.tsx'
import { describeEntry, type Names } from '../../../shared/audit/entry-sentences.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { formatDate, formatNumber } from '../../ui/time.ts'
import { createNames } from '../names.ts'
import { Screen } from '../screen.tsx'
import { useModel, useVaultState } from '../use-app.ts'
import { entryGroups, typesOf, type EntryGroup } from './entry-groups.ts'
import { EntryRow } from './entry-row.tsx'
import { LogPanel } from './log-panel.tsx'
import { useTimeline, type Filter } from './use-timeline.ts'

interface Choice {
  readonly group: EntryGroup
  readonly person: string
  readonly credential: string
  readonly text: string
}

const everything: Choice = { group: 'all', person: 'all', credential: 'all', text: '' }

const toFilter = ({ group, person, credential, text }: Choice): Filter => ({
  types: typesOf(group),
  person: person === 'all' ? null : person,
  credential: credential === 'all' ? null : credential,
  text: text.trim(),
})

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
    </div>
  )
}

/** Runs of entries of one local day; `entries` are in order already. */
function groupByDay(
  entries: readonly Entry[],
): readonly { readonly day: string; readonly entries: readonly Entry[] }[] {
  const days: { day: string; entries: Entry[] }[] = []
  for (const entry of entries) {
    const day = formatDate(entry.at)
    const last = days.at(-1)
    if (last?.day === day) last.entries.push(entry)
    else days.push({ day, entries: [entry] })
  }
  return days
}

function EntryList({ entries, names }: { readonly entries: readonly Entry[]; readonly names: Names }): ReactNode {
  return groupByDay(entries).map(({ day, entries: ofDay }) => (
    // A clock set back can bring a day twice.
    <Fragment key={`${day} ${ofDay[0]?.seq ?? ''}`}>
      <h2 className="day">{day}</h2>
      <ol className="plain-list entries" aria-label={day}>
        {ofDay.map((entry) => (
          <EntryRow key={entry.seq} entry={entry} sentence={describeEntry(entry, names)} />
        ))}
      </ol>
    </Fragment>
  ))
}

/** The timeline. */
export function TimelineScreen(): ReactNode {
  const state = useVaultState()
  const { credentials } = useModel()
  const [choice, setChoice] = useState(everything)
  const timeline = useTimeline(toFilter(choice))
  const names = useMemo(() => createNames(state, credentials, timeline.entries), [state, credentials, timeline.entries])
  const isFiltered = choice !== everything && JSON.stringify(choice) !== JSON.stringify(everything)
  return (
    <Screen title="Timeline" className="timeline">
      <LogPanel />
      <Filters choice={choice} onChange={setChoice} />
      <div className="spread">
        <p role="status" className="soft small">
          {timeline.loading
            ? 'Reading…'
            : `${formatNumber(timeline.entries.length)} entries shown${timeline.more ? ', older ones below' : ''}`}
        </p>
        {isFiltered && (
          <Button look="quiet" size="little" onPress={() => setChoice(everything)}>
            Clear the filter
          </Button>
        )}
      </div>
      {timeline.error !== null && <ErrorNotice code={timeline.error.code} detail={timeline.error.detail} />}
      {!timeline.loading && timeline.entries.length === 0 && timeline.error === null ? (
        <p className="panel">
          {isFiltered
            ? 'Nothing in the log fits this filter. Choose less, or clear it.'
            : 'The log is still empty. Its first entry comes with the vault.'}
        </p>
      ) : (
        <EntryList entries={timeline.entries} names={names} />
      )}
      {timeline.more && (
        <div>
          <Button onPress={timeline.loadOlder}>Load older entries</Button>
        </div>
      )}
    </Screen>
  )
}

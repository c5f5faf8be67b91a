/** After every use: what happened, and what is owed until the matter is closed. */
import { useState, type ReactNode } from 'react'
import type { AppState } from '../../shared/contracts/app.ts'
import { outcomeSchema, type Outcome } from '../../shared/domain/statements.ts'
import { limits } from '../../shared/limits.ts'
import { Button } from '../ui/button.tsx'
import { ChooseOne } from '../ui/choices.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Icon } from '../ui/pictures.tsx'
import { Select } from '../ui/select.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { focusFirstInvalid } from '../ui/focus-invalid.ts'
import { When } from '../ui/when.tsx'
import { Screen } from './screen.tsx'
import { useStore, useVaultState } from './use-app.ts'

type Owed = AppState['owed'][number]

const outcomeChoices: Readonly<Record<Outcome, string>> = {
  drill: 'A drill',
  emergency: 'An emergency',
  misuse: 'Misuse',
}

function ClassifyForm({ owed }: { readonly owed: Owed }): ReactNode {
  const { persons, operation } = useVaultState()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [note, setNote] = useState('')
  const [person, setPerson] = useState<string | null>(null)
  const [missing, setMissing] = useState(false)
  const submit = (): void => {
    if (outcome === null || person === null) {
      setMissing(true)
      return
    }
    void run(() => call['request.classify']({ request: owed.request, outcome, note: note.trim(), person }))
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
        focusFirstInvalid(event.currentTarget)
      }}
    >
      <ChooseOne
        label="What was this use?"
        options={outcomeSchema.options.map((id) => ({ id, name: outcomeChoices[id] }))}
        value={outcome}
        onChange={setOutcome}
        error={missing && outcome === null ? 'Choose one.' : null}
      />
      <TextField
        label="What happened, and what follows from it"
        hint="A few sentences for the post-mortem. They stay in the log, so no secrets."
        optional
        rows={3}
        value={note}
        onChange={setNote}
        max={limits.noteLength}
      />
      <Select
        label="Who records this?"
        options={persons.filter(({ keys }) => keys.length > 0)}
        value={person}
        onChange={setPerson}
        placeholder="Choose the person"
        error={missing && person === null ? 'Choose who records it; that person’s key signs.' : null}
      />
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy || operation !== null}>
          Record and sign
        </Button>
      </div>
    </form>
  )
}

function OwedItem({ owed }: { readonly owed: Owed }): ReactNode {
  const { operation } = useVaultState()
  const { go } = useStore()
  return (
    <li className="panel stack">
      <div className="stack-tight">
        <h2>{owed.credentialName}</h2>
        <p className="soft">
          Opened <When at={owed.grantedAt} />
          {owed.closedAt !== null && (
            <>
              , closed <When at={owed.closedAt} day={false} />
            </>
          )}
        </p>
      </div>
      <div className="owed-columns">
        <section className="stack-tight" aria-label={`Rotation of ${owed.credentialName}`}>
          <h3>{owed.rotate ? '1. Change it and seal the new one' : '1. Changed and sealed'}</h3>
          {owed.rotate ? (
            <>
              <p className="soft">
                It has been seen, so it is a secret no longer. Change it where it is used, then seal the new version.
              </p>
              <div className="row">
                <Button
                  isDisabled={operation !== null}
                  aria-label={`Seal a new version: ${owed.credentialName}`}
                  onPress={() => go({ name: 'seal', credential: owed.credential })}
                >
                  Seal a new version
                </Button>
              </div>
            </>
          ) : (
            <p className="row done">
              <Icon name="check" /> A new version is sealed.
            </p>
          )}
        </section>
        <section className="stack-tight" aria-label={`Record of the use of ${owed.credentialName}`}>
          <h3>{owed.classify ? '2. Say what it was' : '2. Recorded'}</h3>
          {owed.classify ? (
            <ClassifyForm owed={owed} />
          ) : (
            <p className="row done">
              <Icon name="check" /> What this use was is on record.
            </p>
          )}
        </section>
      </div>
    </li>
  )
}

/** Everything owed, newest use first. */
export function AfterUseScreen(): ReactNode {
  const { owed } = useVaultState()
  // Timestamps of one form sort as text.
  const newestFirst = [...owed].sort((a, b) => (a.grantedAt < b.grantedAt ? 1 : -1))
  return (
    <Screen
      title="After use"
      {...(owed.length === 0
        ? {}
        : { lead: 'Each time the glass was broken, two things are owed. They stay here until they are done.' })}
    >
      {owed.length === 0 ? (
        <div className="panel empty">
          <h2>Nothing is owed</h2>
          <p>
            After every use Halligan asks for two things here: that the credential is changed and sealed again, and that
            somebody says what the use was (a drill, an emergency or misuse).
          </p>
        </div>
      ) : (
        <ul className="plain-list stack">
          {newestFirst.map((item) => (
            <OwedItem key={item.request} owed={item} />
          ))}
        </ul>
      )}
    </Screen>
  )
}

/** Finishing a step: who finishes it, with their initials and a note; or something was different. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { initialsSchema } from '../../../shared/domain/ceremony.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { doubtInitials, mayFinish, recallInitials } from './ceremony-words.ts'
import { ExceptionForm } from './exception-form.tsx'
import { usePersonName } from './use-names.ts'

interface Props {
  readonly ceremony: CeremonyView
  readonly step: CeremonyView['steps'][number]
}

export function FinishForm({ ceremony, step }: Props): ReactNode {
  const { call } = useStore()
  const { persons, operation } = useVaultState()
  const { run, busy, error } = useAction()
  const nameOf = usePersonName()
  const able = persons.filter((one) => mayFinish(ceremony, step, one))
  // Whom a change adds is nobody yet who could finish a step.
  const [person, setPerson] = useState(() => able.find(({ id }) => id === step.person)?.id ?? ceremony.lead)
  const [initials, setInitials] = useState(() => recallInitials(ceremony, person, nameOf(person)))
  const [note, setNote] = useState('')
  const [noting, setNoting] = useState(false)
  const [differing, setDiffering] = useState(false)
  const hasException = ceremony.exceptions.some((exception) => exception.step === ceremony.now)
  const isSigned = initialsSchema.safeParse(initials).success
  const doubt = isSigned ? doubtInitials(ceremony, person, nameOf(person), initials) : null
  const finish = (result: 'done' | 'excepted'): Promise<unknown> =>
    call['ceremony.step']({
      ceremony: ceremony.id,
      step: ceremony.now,
      result,
      person,
      initials,
      note: note.trim(),
    })
  return (
    <div className="stack finish">
      <form
        className="stack-tight"
        aria-label="Finish this step"
        onSubmit={(event) => {
          event.preventDefault()
          if (isSigned && step.isBroughtAbout) void run(() => finish('done'))
        }}
      >
        <div className="finish-fields">
          <Select
            label="Finished by"
            options={able}
            value={person}
            onChange={(next) => {
              setPerson(next)
              setInitials(recallInitials(ceremony, next, nameOf(next)))
            }}
          />
          <TextField
            label="Initials"
            value={initials}
            onChange={(text) => setInitials(text.toLocaleUpperCase())}
            max={4}
            error={isSigned ? null : 'One to four letters.'}
          />
          <Button
            look={step.isBroughtAbout ? 'primary' : 'plain'}
            type="submit"
            isDisabled={busy || operation !== null || !step.isBroughtAbout || !isSigned}
          >
            Done
          </Button>
        </div>
        {noting && (
          <TextField
            label="Note"
            hint="It stands in the minutes. No secrets."
            optional
            rows={2}
            value={note}
            onChange={setNote}
            max={limits.noteLength}
            autoFocus
          />
        )}
        <p className="initials-doubt" role="status">
          {doubt !== null && (
            <>
              <Icon name="warn" size={16} /> {doubt}
            </>
          )}
        </p>
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      </form>
      {differing ? (
        <ExceptionForm
          ceremony={ceremony}
          step={ceremony.now}
          onLeaveOut={isSigned ? () => finish('excepted') : null}
          onClose={() => setDiffering(false)}
        />
      ) : (
        <div className="row finish-else">
          {!noting && (
            <Button look="quiet" size="little" onPress={() => setNoting(true)}>
              Add a note
            </Button>
          )}
          <Button look="quiet" size="little" isDisabled={operation !== null} onPress={() => setDiffering(true)}>
            Something is different: write an exception
          </Button>
          {hasException && (
            <Button
              size="little"
              isDisabled={busy || operation !== null || !isSigned}
              onPress={() => void run(() => finish('excepted'))}
            >
              Leave this step out
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

/** Something is different from the script: what, who decided, and what follows. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { YesNo } from '../../ui/choices.tsx'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { mayTakeOver } from './ceremony-words.ts'
import { usePersonName } from './use-names.ts'

interface Props {
  readonly ceremony: CeremonyView
  /** Which step it is about; null: the ceremony as a whole. */
  readonly step: number | null
  /** Leaves the step out, once the exception is written; null: that cannot be said now. */
  readonly onLeaveOut: (() => Promise<unknown>) | null
  readonly onClose: () => void
}

export function ExceptionForm({ ceremony, step, onLeaveOut, onClose }: Props): ReactNode {
  const { call } = useStore()
  const { persons } = useVaultState()
  const { run, busy, error } = useAction()
  const [what, setWhat] = useState('')
  const nameOf = usePersonName()
  const [decidedBy, setDecidedBy] = useState<string | null>(ceremony.lead)
  const [absent, setAbsent] = useState<string>('nobody')
  const [leavesOut, setLeavesOut] = useState(false)
  const [tried, setTried] = useState(false)
  const leadLeaves = absent === ceremony.lead
  const deciders = leadLeaves ? persons.filter((one) => mayTakeOver(ceremony, one)) : persons
  const isMissing = what.trim() === ''
  const write = async (): Promise<void> => {
    setTried(true)
    if (isMissing || decidedBy === null) return
    const written = await run(async () => {
      await call['ceremony.except']({
        ceremony: ceremony.id,
        step,
        what: what.trim(),
        decidedBy,
        absent: absent === 'nobody' ? null : absent,
      })
      if (leavesOut && onLeaveOut !== null) await onLeaveOut()
    })
    if (written) onClose()
  }
  return (
    <form
      className="exception-form stack-tight"
      aria-label="Exception"
      onSubmit={(event) => {
        event.preventDefault()
        void write()
        focusFirstInvalid(event.currentTarget)
      }}
    >
      <h3>Something is different</h3>
      <TextField
        label="What is different, and why?"
        hint="It stands in the minutes for good. No secrets."
        rows={2}
        value={what}
        onChange={setWhat}
        max={limits.noteLength}
        error={tried && isMissing ? 'Say what is different.' : null}
        autoFocus
      />
      <div className="two">
        <Select
          label="Has somebody left who will not sign?"
          options={[{ id: 'nobody', name: 'Nobody' }, ...persons]}
          value={absent}
          onChange={(next) => {
            setAbsent(next)
            // Who takes over says so themselves: nobody is chosen for them.
            if (next === ceremony.lead) setDecidedBy(null)
            else if (leadLeaves) setDecidedBy(ceremony.lead)
          }}
        />
        <Select
          label={leadLeaves ? 'Who decided, and leads on?' : 'Who decided?'}
          options={deciders}
          value={decidedBy}
          onChange={setDecidedBy}
          placeholder="Choose the person"
          {...(tried && decidedBy === null ? { error: 'Choose who leads from here on.' } : {})}
        />
      </div>
      {leadLeaves && (
        <Notice tone="warn">
          <p>
            {nameOf(ceremony.lead)} leads this ceremony. Whoever decides this leads it from here on, answers for the
            minutes, and signs them with their key.
          </p>
        </Notice>
      )}
      {onLeaveOut !== null && <YesNo label="Leave this step out" value={leavesOut} onChange={setLeavesOut} />}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy}>
          Write the exception
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}

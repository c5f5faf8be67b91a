/** Something is different from the script: what, who decided, and what follows. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { YesNo } from '../../ui/choices.tsx'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore, useVaultState } from '../use-app.ts'

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
  const [decidedBy, setDecidedBy] = useState<string>(ceremony.lead)
  const [absent, setAbsent] = useState<string>('nobody')
  const [leavesOut, setLeavesOut] = useState(false)
  const [tried, setTried] = useState(false)
  const isMissing = what.trim() === ''
  const write = async (): Promise<void> => {
    setTried(true)
    if (isMissing) return
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
        <Select label="Who decided?" options={persons} value={decidedBy} onChange={setDecidedBy} />
        <Select
          label="Has somebody left who will not sign?"
          options={[{ id: 'nobody', name: 'Nobody' }, ...persons]}
          value={absent}
          onChange={setAbsent}
        />
      </div>
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

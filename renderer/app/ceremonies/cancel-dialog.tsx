/** Giving a ceremony up: a named person says why, and signs. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { limits } from '../../../shared/limits.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore, useVaultState } from '../use-app.ts'

interface Props {
  readonly ceremony: CeremonyView
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function CancelDialog({ ceremony, isOpen, onClose }: Props): ReactNode {
  const { call } = useStore()
  const { persons, safes } = useVaultState()
  const { run, error } = useAction()
  const [person, setPerson] = useState<string>(ceremony.lead)
  const [reason, setReason] = useState('')
  const able = persons.filter(
    ({ id, keys }) =>
      keys.length > 0 && (id === ceremony.lead || safes.some(({ custodians }) => custodians.includes(id))),
  )
  return (
    <>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <AskDialog
        title="Give this ceremony up?"
        isOpen={isOpen}
        onClose={onClose}
        confirm={{
          label: 'Sign and give it up',
          danger: true,
          isDisabled: reason.trim() === '',
          onPress: () =>
            void run(() => call['ceremony.cancel']({ ceremony: ceremony.id, person, reason: reason.trim() })),
        }}
      >
        <p>
          What was sealed, proven or changed so far stays so. The log keeps the steps, who gave the ceremony up, and
          why. To go on later, just leave it open instead.
        </p>
        {ceremony.minutes !== null && (
          <p>
            The minutes are written, and stay in the log without the signatures that are missing. Who cannot come today
            can sign on another day.
          </p>
        )}
        <Select label="Who gives it up?" options={able} value={person} onChange={setPerson} />
        <TextField label="Why?" rows={2} value={reason} onChange={setReason} max={limits.noteLength} />
      </AskDialog>
    </>
  )
}

/** Stopping a waiting request: who does it, and why. Their tap ends it. */
import { useState, type ReactNode } from 'react'
import type { WaitingRequest } from '../../../shared/contracts/request-views.ts'
import { limits } from '../../../shared/limits.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useVaultState } from '../use-app.ts'

interface Props {
  readonly waiting: WaitingRequest
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onStop: (person: string, reason: string) => void
}

/** What was entered stays while the card is there: a tap that was cancelled is tried again. */
export function StopDialog({ waiting, isOpen, onClose, onStop }: Props): ReactNode {
  const { persons } = useVaultState()
  const able = persons.filter(({ id }) => waiting.vetoers.includes(id))
  const [person, setPerson] = useState<string | null>(able.length === 1 ? (able[0]?.id ?? null) : null)
  const [reason, setReason] = useState('')
  const why = reason.trim()
  return (
    <AskDialog
      title={`Stop the request for ${waiting.credentialName}?`}
      isOpen={isOpen}
      onClose={onClose}
      confirm={{
        label: 'Stop it with a tap',
        danger: true,
        isDisabled: person === null || why === '',
        onPress: () => {
          if (person !== null) onStop(person, why)
        },
      }}
    >
      <p>Nothing is opened, and the request is over for good. The log keeps who stopped it, and why.</p>
      <Select label="Who stops it?" options={able} value={person} onChange={setPerson} placeholder="Choose" />
      <TextField
        label="Why is it stopped?"
        hint="Whoever asked reads this, and so will the auditors."
        value={reason}
        onChange={setReason}
        rows={3}
        max={limits.noteLength}
      />
    </AskDialog>
  )
}

/** Where somebody enters what a sink or a channel asks this machine for: it goes in and cannot be read back. */
import { useState, type ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'

interface Props {
  /** Whose it is, for readers. */
  readonly of: string
  /** What it is: “Token”. */
  readonly label: string
  readonly isMissing: boolean
  /** Several lines that may be seen while they are pasted: a key in PEM. */
  readonly isLong?: boolean
  readonly keep: (value: string) => Promise<unknown>
}

/** A button, and the form behind it. */
export function SecretForm({ of, label, isMissing, isLong = false, keep }: Props): ReactNode {
  const { run, busy, error } = useAction()
  const [open, setOpen] = useState(false)
  const [value, setValue] = useState('')
  const close = (): void => {
    setValue('')
    setOpen(false)
  }
  const save = async (): Promise<void> => {
    if (await run(() => keep(value))) close()
  }
  if (!open) {
    const set = isMissing ? `Set the ${label.toLowerCase()}` : 'Replace it'
    return (
      <Button size="little" aria-label={`${set}: ${of}`} onPress={() => setOpen(true)}>
        {set}
      </Button>
    )
  }
  return (
    <form
      className="stack-tight"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextField
        label={label}
        value={value}
        onChange={setValue}
        autoFocus
        hint="It is kept on this machine only and cannot be read back here."
        {...(isLong ? { rows: 4, mono: true } : { type: 'password' as const })}
      />
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy || value === ''}>
          Keep it
        </Button>
        <Button look="quiet" onPress={close}>
          Not now
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </form>
  )
}

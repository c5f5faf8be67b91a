/** A name for a key, and what follows when it is given. */
import { useId, useState, type ReactNode } from 'react'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'

interface Props {
  readonly title: string
  readonly label: string
  readonly start: string
  readonly hint: string
  readonly confirm: string
  readonly check: (label: string) => string | null
  readonly onGiven: (label: string) => Promise<unknown>
  readonly onClose: () => void
}

/** Opens where it is asked for; Escape and its second button close it with nothing done. */
export function LabelForm({ title, label, start, hint, confirm, check, onGiven, onClose }: Props): ReactNode {
  const { run, busy, error } = useAction()
  const [value, setValue] = useState(start)
  const [tried, setTried] = useState(false)
  const heading = useId()
  const problem = check(value)
  const give = async (): Promise<void> => {
    setTried(true)
    if (problem === null && (await run(() => onGiven(value.trim())))) onClose()
  }
  return (
    <form
      className="key-form stack-tight"
      aria-labelledby={heading}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
      onSubmit={(event) => {
        event.preventDefault()
        void give()
      }}
    >
      <h4 id={heading}>{title}</h4>
      <TextField
        label={label}
        value={value}
        onChange={setValue}
        hint={hint}
        error={tried ? problem : null}
        max={limits.labelLength}
        autoFocus
      />
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy}>
          {confirm}
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </form>
  )
}

/** One line or several, with its label, a hint, what is wrong with it, and how much room is left. */
import type { ReactNode } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import { TextField as AriaTextField } from 'react-aria-components/TextField'

interface Props {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
  readonly error?: string | null
  /** Longest value in UTF-16 units; a counter appears when less than a quarter is left. */
  readonly max?: number
  /** What is pasted is never cut: whoever shows the field says that it is too long. */
  readonly mayExceed?: boolean
  readonly rows?: number
  readonly optional?: boolean
  readonly type?: 'text' | 'password' | 'search' | 'date'
  readonly mono?: boolean
  readonly autoFocus?: boolean
  readonly isDisabled?: boolean
  readonly alwaysCount?: boolean
  /** Fields of secrets have their own words on this. */
  readonly placeholder?: string
}

/** A labelled text input; never remembered, never spell-checked, never completed by the system. */
export function TextField(props: Props): ReactNode {
  const { label, value, onChange, hint, error, max, rows, optional = false, type = 'text', mono = false } = props
  const shared = {
    className: mono ? 'input mono' : 'input',
    autoComplete: 'off',
    spellCheck: false,
    ...(props.placeholder === undefined ? {} : { placeholder: props.placeholder }),
  }
  const isCounted = max !== undefined && (props.alwaysCount === true || value.length > max * 0.75)
  return (
    <AriaTextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined && error !== null}
      isDisabled={props.isDisabled ?? false}
      validationBehavior="aria"
      type={type}
      autoFocus={props.autoFocus ?? false}
      {...(max === undefined || props.mayExceed === true ? {} : { maxLength: max })}
    >
      <Label className="label">
        {label}
        {optional && <span className="soft"> (optional)</span>}
      </Label>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      {rows === undefined ? <Input {...shared} /> : <TextArea {...shared} rows={rows} />}
      <div className="field-foot">
        <FieldError className="field-error">{error}</FieldError>
        {isCounted && (
          <span className="counter">
            {value.length} of {max}
          </span>
        )}
      </div>
    </AriaTextField>
  )
}

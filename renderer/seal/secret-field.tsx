/** An input whose text is dots until the person asks to see it. */
import { useState, type ReactNode } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import { TextField } from 'react-aria-components/TextField'
import { utf8 } from '../../shared/bytes.ts'
import { Button } from '../ui/button.tsx'
import { formatNumber } from '../ui/time.ts'

interface Props {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly secret: boolean
  readonly optional: boolean
  readonly error: string | null
  /** Bytes in UTF-8. */
  readonly max: number
  readonly rows?: number
  readonly hint?: string | undefined
  /** Beside the label: what can be done with the field. */
  readonly actions: ReactNode
}

const plural = (count: number, one: string): string => `${formatNumber(count)} ${one}${count === 1 ? '' : 's'}`

/** How long the value is, since dots cannot be counted; bytes where they differ and matter. */
function describeLength(value: string, max: number, rows: number | undefined): string {
  const characters = Array.from(value).length
  const bytes = utf8(value).length
  const lines = rows === undefined ? '' : `, ${plural(value === '' ? 0 : value.split('\n').length, 'line')}`
  const near = bytes > max * 0.75 ? `, ${formatNumber(bytes)} of ${formatNumber(max)} bytes` : ''
  return `${plural(characters, 'character')}${lines}${near}`
}

/** A labelled input; `secret` masks it. */
export function SecretField({
  label,
  value,
  onChange,
  secret,
  optional,
  error,
  max,
  rows,
  hint,
  actions,
}: Props): ReactNode {
  const [seen, setSeen] = useState(false)
  const masked = secret && !seen
  const shared = {
    className: masked ? 'input mono masked' : 'input mono',
    autoComplete: 'off',
    autoCorrect: 'off',
    autoCapitalize: 'off',
    spellCheck: false,
  }
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={error !== null}
      validationBehavior="aria"
      type={masked ? 'password' : 'text'}
    >
      <div className="label-row">
        <Label className="label">
          {label}
          {optional && <span className="soft"> (optional)</span>}
        </Label>
        <span className="label-do">
          {secret && (
            <Button
              look="quiet"
              size="little"
              aria-label={masked ? `Show what is entered in ${label}` : `Mask ${label}`}
              onPress={() => setSeen(!seen)}
            >
              {masked ? 'Show' : 'Mask'}
            </Button>
          )}
          {actions}
        </span>
      </div>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      {rows === undefined ? <Input {...shared} /> : <TextArea {...shared} rows={rows} wrap="off" />}
      <div className="field-foot">
        <FieldError className="field-error">{error}</FieldError>
        {value !== '' && <span className="counter">{describeLength(value, max, rows)}</span>}
      </div>
    </TextField>
  )
}

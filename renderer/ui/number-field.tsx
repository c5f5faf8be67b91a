/** A small whole number, with buttons for one more and one less. */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components/Button'
import { FieldError } from 'react-aria-components/FieldError'
import { Group } from 'react-aria-components/Group'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { NumberField as AriaNumberField } from 'react-aria-components/NumberField'
import { Text } from 'react-aria-components/Text'
import { Icon } from './pictures.tsx'

interface Props {
  readonly label: string
  readonly value: number
  readonly onChange: (value: number) => void
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly hint?: string
  readonly error?: string | null
}

/** A labelled number between `min` and `max`. */
export function NumberField({ label, value, onChange, min, max, step = 1, hint, error }: Props): ReactNode {
  return (
    <AriaNumberField
      className="field"
      value={value}
      onChange={(next) => onChange(Number.isNaN(next) ? min : next)}
      minValue={min}
      maxValue={max}
      step={step}
      isInvalid={error !== undefined && error !== null}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Group className="number">
        <Button slot="decrement" className="button">
          <Icon name="minus" size={16} />
        </Button>
        <Input className="input" />
        <Button slot="increment" className="button">
          <Icon name="plus" size={16} />
        </Button>
      </Group>
      <FieldError className="field-error">{error}</FieldError>
    </AriaNumberField>
  )
}

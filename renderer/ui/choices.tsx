/** Ticks and alternatives. */
import type { ReactNode } from 'react'
import { CheckboxButton, CheckboxField } from 'react-aria-components/Checkbox'
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup'
import { Text } from 'react-aria-components/Text'
import { Icon } from './pictures.tsx'

interface Option<T extends string> {
  readonly id: T
  readonly name: string
  readonly hint?: string
}

function Tick({ isSelected }: { readonly isSelected: boolean }): ReactNode {
  return <span className="tick">{isSelected && <Icon name="check" size={16} />}</span>
}

interface YesNoProps {
  readonly label: string
  /** What the label is about, for readers, where many have the same label. */
  readonly about?: string
  readonly value: boolean
  readonly onChange: (value: boolean) => void
}

/** One tick. */
export function YesNo({ label, about, value, onChange }: YesNoProps): ReactNode {
  return (
    <CheckboxField isSelected={value} onChange={onChange}>
      <CheckboxButton className="choice">
        {({ isSelected }) => (
          <>
            <Tick isSelected={isSelected} />
            <span>
              {label}
              {about !== undefined && <span className="sr-only">: {about}</span>}
            </span>
          </>
        )}
      </CheckboxButton>
    </CheckboxField>
  )
}

interface ManyProps<T extends string> {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly value: readonly T[]
  readonly onChange: (value: T[]) => void
  readonly hint?: string
  readonly error?: string | null
}

/** Any number of a list. */
export function ChooseMany<T extends string>({
  label,
  options,
  value,
  onChange,
  hint,
  error,
}: ManyProps<T>): ReactNode {
  return (
    <CheckboxGroup
      className="field"
      value={[...value]}
      onChange={(chosen) => onChange(options.map((option) => option.id).filter((id) => chosen.includes(id)))}
      isInvalid={error !== undefined && error !== null}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <div className="choices">
        {options.map((option) => (
          <CheckboxField key={option.id} value={option.id}>
            <CheckboxButton className="choice">
              {({ isSelected }) => (
                <>
                  <Tick isSelected={isSelected} />
                  <span>
                    {option.name}
                    {option.hint !== undefined && <span className="hint"> {option.hint}</span>}
                  </span>
                </>
              )}
            </CheckboxButton>
          </CheckboxField>
        ))}
      </div>
      <FieldError className="field-error">{error}</FieldError>
    </CheckboxGroup>
  )
}

interface OneProps<T extends string> {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly value: T | null
  readonly onChange: (value: T) => void
  readonly hint?: string
  readonly error?: string | null
}

/** One of a few, all in sight. */
export function ChooseOne<T extends string>({ label, options, value, onChange, hint, error }: OneProps<T>): ReactNode {
  return (
    <RadioGroup
      className="field"
      value={value}
      onChange={(chosen) => {
        const option = options.find(({ id }) => id === chosen)
        if (option !== undefined) onChange(option.id)
      }}
      isInvalid={error !== undefined && error !== null}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <div className="steps">
        {options.map((option) => (
          <RadioField key={option.id} value={option.id}>
            <RadioButton className="step-choice">
              <span className="dot" />
              <span>{option.name}</span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
      <FieldError className="field-error">{error}</FieldError>
    </RadioGroup>
  )
}

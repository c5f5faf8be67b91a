/** Names for the keys that somebody is about to enrol. */
import type { ReactNode } from 'react'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { tidy } from '../setup/plan.ts'

/** Two for each person: one in use, one in a drawer elsewhere. */
export const usualLabels = ['Main key', 'Spare key']

/** What is wrong with the names of somebody's keys; null when nothing is. */
export function checkLabels(labels: readonly string[]): string | null {
  const tidied = labels.map((label) => tidy(label).toLowerCase())
  if (tidied.includes('')) return 'Every key needs a name.'
  return new Set(tidied).size < tidied.length ? 'Two keys have the same name.' : null
}

interface LabelsProps {
  readonly name: string
  readonly labels: readonly string[]
  readonly onChange: (labels: readonly string[]) => void
}

/** One field for each key, and buttons for more and fewer. */
export function KeyLabels({ name, labels, onChange }: LabelsProps): ReactNode {
  return (
    <div className="stack-tight">
      <div className="key-labels">
        {labels.map((label, index) => (
          <TextField
            key={index}
            label={`Key ${index + 1} of ${name}`}
            value={label}
            onChange={(next) => onChange(labels.map((old, at) => (at === index ? next : old)))}
            max={limits.labelLength}
          />
        ))}
      </div>
      <div className="row">
        <Button
          size="little"
          isDisabled={labels.length >= limits.keysPerPerson}
          onPress={() => onChange([...labels, `Key ${labels.length + 1}`])}
        >
          One key more
        </Button>
        <Button size="little" isDisabled={labels.length <= 1} onPress={() => onChange(labels.slice(0, -1))}>
          One key less
        </Button>
      </div>
    </div>
  )
}

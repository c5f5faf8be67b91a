/** How a credential is rotated: what stands outside the sealed runbook, because it is read before anything is opened. */
import type { ReactNode } from 'react'
import { limits } from '../../shared/limits.ts'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { findNoteProblem, looksSecret } from './seal-draft.ts'

interface Props {
  readonly value: string
  readonly onChange: (value: string) => void
}

export function RotationNoteField({ value, onChange }: Props): ReactNode {
  return (
    <div className="stack-tight">
      <TextField
        label="How it is rotated"
        hint="Not secret: it is read aloud in ceremonies, printed in scripts, and written into the log and wherever that is copied. Say where the secret is changed and how to tell that it worked, never the secret."
        optional
        rows={5}
        value={value}
        onChange={onChange}
        max={limits.rotationNoteLength}
        mayExceed
        alwaysCount
        error={findNoteProblem(value)}
      />
      <div role="status">
        {looksSecret(value) && (
          <Notice tone="warn">
            <p>
              This looks as if a key or a token stood in it. If so, take it out: everybody will be able to read this,
              and the log keeps it for good. The secret itself is entered in the next window.
            </p>
          </Notice>
        )}
      </div>
    </div>
  )
}

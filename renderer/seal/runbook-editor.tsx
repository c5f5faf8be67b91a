/** The runbook: what to do with the credential, for somebody who has never used it. */
import { useState, type ReactNode } from 'react'
import { utf8 } from '../../shared/bytes.ts'
import { limits } from '../../shared/limits.ts'
import { ChooseOne } from '../ui/choices.tsx'
import { Runbook } from '../ui/markdown.tsx'
import { TextField } from '../ui/text-field.tsx'
import { formatBytes } from '../ui/time.ts'

interface Props {
  readonly text: string
  readonly onChange: (text: string) => void
}

const modes = [
  { id: 'write', name: 'Write' },
  { id: 'preview', name: 'Preview' },
] as const

/** Markdown, with a preview of what stands beside the credential later. */
export function RunbookEditor({ text, onChange }: Props): ReactNode {
  const [mode, setMode] = useState<'write' | 'preview'>('write')
  const bytes = utf8(text).length
  const error =
    bytes > limits.runbookBytes
      ? `That is ${formatBytes(bytes)}; at most ${formatBytes(limits.runbookBytes)} fit.`
      : null
  return (
    <section className="stack-tight">
      <h2>Runbook</h2>
      <p className="soft">
        Sealed with the credential and shown beside it. Write for somebody who has never done this, at 3 a.m.
      </p>
      <ChooseOne label="View" options={modes} value={mode} onChange={setMode} />
      {mode === 'write' ? (
        <TextField
          label="Runbook, in Markdown"
          optional
          rows={8}
          value={text}
          onChange={onChange}
          error={error}
          hint={`# heading, - list, 1. steps, \`command\`. ${formatBytes(bytes)} of ${formatBytes(limits.runbookBytes)}.`}
        />
      ) : (
        <div className="preview" tabIndex={0} role="region" aria-label="Preview">
          {text.trim() === '' ? <p className="soft">Nothing written yet.</p> : <Runbook text={text} />}
        </div>
      )}
    </section>
  )
}

/** The settings as JSON: to copy to other vaults, or to take over from another. Secrets are not among them. */
import { useState, type ReactNode } from 'react'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { readSettings } from './draft.ts'

interface Props {
  readonly settings: AlertSettings
  readonly onTake: (settings: AlertSettings) => void
}

/** A field with the settings in force, and what is wrong with what was put in their place. */
export function SettingsText({ settings, onTake }: Props): ReactNode {
  const [text, setText] = useState<string | null>(null)
  const [problems, setProblems] = useState<readonly string[]>([])
  if (text === null) {
    return (
      <div>
        <Button size="little" onPress={() => setText(JSON.stringify(settings, null, 2))}>
          Settings as JSON
        </Button>
      </div>
    )
  }
  const take = (): void => {
    const read = readSettings(text)
    setProblems('problems' in read ? read.problems : [])
    if ('problems' in read) return
    onTake(read.settings)
    setText(null)
  }
  return (
    <div className="panel stack">
      <TextField
        label="Settings as JSON"
        value={text}
        onChange={setText}
        rows={10}
        mono
        hint="Copy them from here, or paste or read others in their place. They are checked, shown below, and in force only once a quorum has signed them."
      />
      <label className="file-choice">
        <span className="label">Read them from a file</span>
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            void event.currentTarget.files?.[0]?.text().then(setText)
          }}
        />
      </label>
      {problems.length > 0 && (
        <Notice tone="bad" live="alert">
          <p>These settings cannot be taken over:</p>
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
      <div className="row">
        <Button onPress={take}>Take them over</Button>
        <Button look="quiet" onPress={() => setText(null)}>
          Not now
        </Button>
      </div>
    </div>
  )
}

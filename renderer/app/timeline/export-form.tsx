/** Taking the log along: all of it unless somebody wants less, signed by whoever exports. */
import { useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChooseOne, YesNo } from '../../ui/choices.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { exportKinds, readExportChoice, type ExportChoice } from './export-wish.ts'

interface ChoiceProps {
  readonly choice: ExportChoice
  readonly onChange: (choice: ExportChoice) => void
}

/** What the chosen kind needs to know. */
function ChoiceFields({ choice, onChange }: ChoiceProps): ReactNode {
  const { persons } = useVaultState()
  const { credentials } = useModel()
  switch (choice.kind) {
    case 'all':
      return null
    case 'period':
      return (
        <div className="row">
          <TextField
            label="First day"
            type="date"
            value={choice.from}
            onChange={(from) => onChange({ ...choice, from })}
          />
          <TextField label="Last day" type="date" value={choice.to} onChange={(to) => onChange({ ...choice, to })} />
        </div>
      )
    case 'credential':
      return (
        <Select
          label="Which credential?"
          options={credentials}
          value={choice.credential}
          onChange={(credential) => onChange({ ...choice, credential })}
        />
      )
    case 'person':
      return (
        <Select
          label="About whom?"
          options={persons}
          value={choice.about}
          onChange={(about) => onChange({ ...choice, about })}
        />
      )
  }
}

export function ExportForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { persons } = useVaultState()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [choice, setChoice] = useState<ExportChoice>({ kind: 'all', from: '', to: '', credential: null, about: null })
  const [archive, setArchive] = useState(false)
  const signers = persons.filter(({ keys }) => keys.length > 0)
  // An auditor is who usually exports; anybody with a key may.
  const [person, setPerson] = useState<string | null>(
    signers.find(({ roles }) => roles.includes('auditor'))?.id ?? signers[0]?.id ?? null,
  )
  const selection = readExportChoice(choice)
  return (
    <form
      className="export-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (person === null || selection === undefined) return
        void run(() => call['export.make']({ person, selection, archive }))
      }}
    >
      <ChooseOne
        label="What to export"
        options={exportKinds}
        value={choice.kind}
        onChange={(kind) => setChoice({ ...choice, kind })}
        {...(choice.kind === 'all'
          ? {}
          : { hint: 'A part also shows the entries without which it could not be checked.' })}
      />
      <ChoiceFields choice={choice} onChange={setChoice} />
      <YesNo label="As one file (.tar) instead of a folder" value={archive} onChange={setArchive} />
      <Select label="Who exports, and signs for it?" options={signers} value={person} onChange={setPerson} />
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy || person === null || selection === undefined}>
          Choose a folder and sign
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </form>
  )
}

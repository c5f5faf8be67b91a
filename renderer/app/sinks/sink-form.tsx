/** One sink's settings, as its kind asks for them. */
import type { ReactNode } from 'react'
import { ChooseOne } from '../../ui/choices.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { DraftField, SinkDraft } from './draft.ts'

interface Props {
  readonly draft: SinkDraft
  readonly problems: ReadonlyMap<DraftField, string>
  readonly onChange: (draft: SinkDraft) => void
}

type TextMember = { [K in DraftField]: SinkDraft[K] extends string ? K : never }[DraftField]

interface Text {
  readonly member: TextMember
  readonly label: string
  readonly hint?: string
  readonly rows?: number
  readonly optional?: boolean
}

const server: Text = { member: 'host', label: 'Server', hint: 'Its name or address.' }
const certificates: Text = {
  member: 'ca',
  label: 'Certificates that vouch for the server',
  hint: 'PEM. Left empty, those that this system trusts count.',
  rows: 4,
  optional: true,
}
const ownCertificate: Text = {
  member: 'clientCertificate',
  label: 'Our own certificate',
  hint: 'PEM, where the server asks for one. Its key is set apart, below the list.',
  rows: 4,
  optional: true,
}

const modes = [
  { id: 'cloudevents', name: 'CloudEvents' },
  { id: 'splunk-hec', name: 'Splunk HEC' },
] as const
const auths = [
  { id: 'token', name: 'A token' },
  { id: 'client-certificate', name: 'Our certificate' },
  { id: 'none', name: 'Nothing' },
] as const

/** The fields of `draft`. */
export function SinkForm({ draft, problems, onChange }: Props): ReactNode {
  const text = ({ member, label, hint, rows, optional }: Text): ReactNode => (
    <TextField
      key={member}
      label={label}
      value={draft[member]}
      onChange={(value) => onChange({ ...draft, [member]: value })}
      error={problems.get(member) ?? null}
      optional={optional ?? false}
      mono={rows !== undefined}
      {...(hint === undefined ? {} : { hint })}
      {...(rows === undefined ? {} : { rows })}
    />
  )
  const number = (member: 'port' | 'facility', label: string, min: number, max: number): ReactNode => (
    <NumberField
      label={label}
      value={draft[member]}
      min={min}
      max={max}
      onChange={(value) => onChange({ ...draft, [member]: value })}
      error={problems.get(member) ?? null}
    />
  )
  return (
    <div className="stack">
      {text({ member: 'name', label: 'Name', hint: 'As people here call it: “Log server”, “Auditor’s stick”.' })}
      {draft.kind === 'folder' &&
        text({ member: 'path', label: 'Folder', hint: 'The whole path on a mounted share or stick.' })}
      {draft.kind === 'https' && (
        <>
          {text({ member: 'url', label: 'Address' })}
          <ChooseOne
            label="It speaks"
            options={modes}
            value={draft.mode}
            onChange={(mode) => onChange({ ...draft, mode })}
          />
          <ChooseOne
            label="It lets us in by"
            options={auths}
            value={draft.auth}
            onChange={(auth) => onChange({ ...draft, auth })}
          />
        </>
      )}
      {(draft.kind === 'postgresql' || draft.kind === 'syslog') && (
        <div className="two">
          {text(server)}
          {number('port', 'Port', 1, 65_535)}
        </div>
      )}
      {draft.kind === 'postgresql' && (
        <div className="two">
          {text({ member: 'database', label: 'Database' })}
          {text({ member: 'user', label: 'User', hint: 'The role that may only append.' })}
          {text({ member: 'schema', label: 'Schema' })}
        </div>
      )}
      {draft.kind === 'syslog' && number('facility', 'Facility', 0, 23)}
      {draft.kind !== 'folder' && (
        <>
          {text(certificates)}
          {text(ownCertificate)}
        </>
      )}
    </div>
  )
}

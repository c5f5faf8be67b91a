/** One channel's settings, as its kind asks for them. */
import type { ReactNode } from 'react'
import { ChooseOne, YesNo } from '../../ui/choices.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { ChannelDraft, DraftField } from './draft.ts'

interface Props {
  readonly draft: ChannelDraft
  readonly problems: ReadonlyMap<DraftField, string>
  readonly onChange: (draft: ChannelDraft) => void
}

interface Text {
  readonly member: 'name' | 'url' | 'host' | 'from' | 'to' | 'user' | 'ca'
  readonly label: string
  readonly hint?: string
  readonly rows?: number
  readonly optional?: boolean
}

const shapes = [
  { id: 'generic', name: 'Plain JSON' },
  { id: 'slack', name: 'Slack' },
  { id: 'teams', name: 'Teams' },
  { id: 'google-chat', name: 'Google Chat' },
] as const
const securities = [
  { id: 'starttls', name: 'STARTTLS' },
  { id: 'implicit', name: 'TLS from the start' },
] as const

const certificates: Text = {
  member: 'ca',
  label: 'Certificates that vouch for the server',
  hint: 'PEM. Left empty, those that this system trusts count.',
  rows: 4,
  optional: true,
}
const addressHint = (isChat: boolean): string =>
  isChat
    ? 'Only its server goes into the vault. The whole address is a secret: set it afterwards, on each machine.'
    : 'Where alerts are sent to.'

/** The fields of `draft`. */
export function ChannelForm({ draft, problems, onChange }: Props): ReactNode {
  const text = ({ member, label, hint, rows, optional }: Text): ReactNode => (
    <TextField
      key={member}
      label={label}
      value={draft[member]}
      onChange={(value) => onChange({ ...draft, [member]: value })}
      error={problems.get(member) ?? null}
      optional={optional ?? false}
      mono={member === 'ca'}
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
  const { kind, shape } = draft
  return (
    <div className="stack">
      {text({ member: 'name', label: 'Name', hint: 'As people here call it: “Operations chat”, “On call”.' })}
      {kind === 'webhook' && (
        <>
          <ChooseOne
            label="It speaks"
            options={shapes}
            value={shape}
            onChange={(next) => onChange({ ...draft, shape: next })}
          />
          {text({ member: 'url', label: 'Address', hint: addressHint(shape !== 'generic') })}
          {shape === 'generic' && (
            <YesNo
              label="It asks for a token"
              value={draft.hasToken}
              onChange={(hasToken) => onChange({ ...draft, hasToken })}
            />
          )}
        </>
      )}
      {kind === 'pagerduty' && text({ member: 'url', label: 'Address' })}
      {(kind === 'smtp' || kind === 'syslog') && (
        <div className="two">
          {text({ member: 'host', label: 'Server', hint: 'Its name or address.' })}
          {number('port', 'Port', 1, 65_535)}
        </div>
      )}
      {kind === 'smtp' && (
        <>
          <ChooseOne
            label="Encrypted by"
            options={securities}
            value={draft.security}
            onChange={(security) => onChange({ ...draft, security })}
          />
          {text({ member: 'from', label: 'From' })}
          {text({ member: 'to', label: 'To', hint: 'One mail address a line.', rows: 3 })}
          {text({ member: 'user', label: 'User', hint: 'If the server asks for a login.', optional: true })}
        </>
      )}
      {kind === 'syslog' && number('facility', 'Facility', 0, 23)}
      {kind !== 'desktop' && text(certificates)}
    </div>
  )
}

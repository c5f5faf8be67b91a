/** One channel's settings, as its kind asks for them. */
import type { ReactNode } from 'react'
import { ChooseOne, YesNo } from '../../ui/choices.tsx'
import { certificatesWish, DraftNumber, DraftText } from '../draft-fields.tsx'
import type { ChannelDraft, DraftField } from './draft.ts'

interface Props {
  readonly draft: ChannelDraft
  readonly problems: ReadonlyMap<DraftField, string>
  readonly onChange: (draft: ChannelDraft) => void
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

const addressHint = (isChat: boolean): string =>
  isChat
    ? 'Only its server goes into the vault. The whole address is a secret: set it afterwards, on each machine.'
    : 'Where alerts are sent to.'

/** The fields of `draft`. */
export function ChannelForm(props: Props): ReactNode {
  const { draft, onChange } = props
  const { kind, shape } = draft
  return (
    <div className="stack">
      <DraftText {...props} member="name" label="Name" hint="As people here call it: “Operations chat”, “On call”." />
      {kind === 'webhook' && (
        <>
          <ChooseOne
            label="It speaks"
            options={shapes}
            value={shape}
            onChange={(next) => onChange({ ...draft, shape: next })}
          />
          <DraftText {...props} member="url" label="Address" hint={addressHint(shape !== 'generic')} />
          {shape === 'generic' && (
            <YesNo
              label="It asks for a token"
              value={draft.hasToken}
              onChange={(hasToken) => onChange({ ...draft, hasToken })}
            />
          )}
        </>
      )}
      {kind === 'pagerduty' && <DraftText {...props} member="url" label="Address" />}
      {(kind === 'smtp' || kind === 'syslog') && (
        <div className="two">
          <DraftText {...props} member="host" label="Server" hint="Its name or address." />
          <DraftNumber {...props} member="port" label="Port" min={1} max={65_535} />
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
          <DraftText {...props} member="from" label="From" />
          <DraftText {...props} member="to" label="To" hint="One mail address a line." rows={3} />
          <DraftText {...props} member="user" label="User" hint="If the server asks for a login." optional />
        </>
      )}
      {kind === 'syslog' && <DraftNumber {...props} member="facility" label="Facility" min={0} max={23} />}
      {kind !== 'desktop' && <DraftText {...props} {...certificatesWish} />}
    </div>
  )
}

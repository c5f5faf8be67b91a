/** One sink's settings, as its kind asks for them. */
import type { ReactNode } from 'react'
import { ChooseOne } from '../../ui/choices.tsx'
import { certificatesWish, DraftNumber, DraftText, type TextWish } from '../draft-fields.tsx'
import type { DraftField, SinkDraft } from './draft.ts'

interface Props {
  readonly draft: SinkDraft
  readonly problems: ReadonlyMap<DraftField, string>
  readonly onChange: (draft: SinkDraft) => void
}

const server: TextWish<'host'> = { member: 'host', label: 'Server', hint: 'Its name or address.' }
const ownCertificate: TextWish<'clientCertificate'> = {
  member: 'clientCertificate',
  label: 'Our own certificate',
  hint: 'PEM, where the server asks for one. Its key is set apart, below the list.',
  rows: 4,
  optional: true,
  mono: true,
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
export function SinkForm(props: Props): ReactNode {
  const { draft, onChange } = props
  return (
    <div className="stack">
      <DraftText
        {...props}
        member="name"
        label="Name"
        hint="As people here call it: “Log server”, “Auditor’s stick”."
      />
      {draft.kind === 'folder' && (
        <DraftText {...props} member="path" label="Folder" hint="The whole path on a mounted share or stick." />
      )}
      {draft.kind === 'https' && (
        <>
          <DraftText {...props} member="url" label="Address" />
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
          <DraftText {...props} {...server} />
          <DraftNumber {...props} member="port" label="Port" min={1} max={65_535} />
        </div>
      )}
      {draft.kind === 'postgresql' && (
        <div className="two">
          <DraftText {...props} member="database" label="Database" />
          <DraftText {...props} member="user" label="User" hint="The role that may only append." />
          <DraftText {...props} member="schema" label="Schema" />
        </div>
      )}
      {draft.kind === 'syslog' && <DraftNumber {...props} member="facility" label="Facility" min={0} max={23} />}
      {draft.kind !== 'folder' && (
        <>
          <DraftText {...props} {...certificatesWish} />
          <DraftText {...props} {...ownCertificate} />
        </>
      )}
    </div>
  )
}

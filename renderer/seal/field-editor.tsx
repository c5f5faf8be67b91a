/** One field of the credential: its value, masked until asked; its name; whether it is a secret. */
import { useState, type ReactNode } from 'react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { limits } from '../../shared/limits.ts'
import { Button } from '../ui/button.tsx'
import { YesNo } from '../ui/choices.tsx'
import { Icon } from '../ui/pictures.tsx'
import { Select } from '../ui/select.tsx'
import { TextField } from '../ui/text-field.tsx'
import { describeTotp, parseOtpauth } from '../ui/otpauth.ts'
import { formatBytes } from '../ui/time.ts'
import type { DraftField } from './draft.ts'
import { Generator } from './generate/generator.tsx'
import type { Makers } from './seal-store.ts'
import { SecretField } from './secret-field.tsx'

interface Props {
  readonly field: DraftField
  readonly problem: string | null
  readonly onChange: (field: DraftField) => void
  /** Null for the last field there is. */
  readonly onRemove: (() => void) | null
  readonly makers: Makers
  readonly onPublicKey: (line: string) => void
}

const hints: Readonly<Record<DraftField['type'], string | undefined>> = {
  text: undefined,
  multiline: undefined,
  totp: 'Paste the seed (letters and digits below the QR code) or the whole address that begins with otpauth://',
  codes: 'One code on each line. Each can be opened once.',
  file: `Up to ${formatBytes(limits.fileBytes)}.`,
}

interface FileProps extends Pick<Props, 'field' | 'problem' | 'onChange'> {
  readonly actions: ReactNode
}

function FileField({ field, problem, onChange, actions }: FileProps): ReactNode {
  const choose = async (files: FileList | null): Promise<void> => {
    const file = files?.[0]
    if (file === undefined) return
    // One byte more than fits is enough to say that it does not.
    const bytes = new Uint8Array(await file.slice(0, limits.fileBytes + 1).arrayBuffer())
    onChange({ ...field, file: { name: file.name, bytes } })
  }
  return (
    <div className="field">
      <div className="label-row">
        <span className="label">{field.label}</span>
        <span className="label-do">{actions}</span>
      </div>
      <span className="hint">{hints.file}</span>
      <div className="row">
        <FileTrigger onSelect={(files) => void choose(files)}>
          <Button>Choose a file</Button>
        </FileTrigger>
        <span role="status">
          {field.file === null ? (
            <span className="soft">None chosen</span>
          ) : (
            `${field.file.name}, ${formatBytes(field.file.bytes.length)}`
          )}
        </span>
      </div>
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

const digitOptions = [
  { id: '6', name: '6 digits' },
  { id: '7', name: '7 digits' },
  { id: '8', name: '8 digits' },
] as const
const periodOptions = [
  { id: '30', name: 'every 30 seconds' },
  { id: '60', name: 'every 60 seconds' },
] as const
const algorithmOptions = [
  { id: 'SHA1', name: 'SHA-1 (usual)' },
  { id: 'SHA256', name: 'SHA-256' },
  { id: 'SHA512', name: 'SHA-512' },
] as const

/** What the input says of itself; null while it is not understood, so that mistakes show when sealing, not while typing. */
function readSeed(field: DraftField): { readonly words: string; readonly saysAll: boolean } | null {
  if (field.text.trim() === '') return null
  try {
    const { seed, totp } = parseOtpauth(field.text, field.totp)
    seed.fill(0)
    return { words: describeTotp(totp), saysAll: /^\s*otpauth:/i.test(field.text) }
  } catch {
    return null
  }
}

function TotpSettings({ field, onChange }: Pick<Props, 'field' | 'onChange'>): ReactNode {
  const read = readSeed(field)
  const set = (change: Partial<DraftField['totp']>): void => onChange({ ...field, totp: { ...field.totp, ...change } })
  return (
    <>
      <p className="small" role="status">
        {read !== null && (
          <span className="understood">
            <Icon name="check" size={16} /> Understood: {read.words}
          </span>
        )}
      </p>
      {read?.saysAll !== true && (
        <div className="three">
          <Select
            label="Length"
            options={digitOptions}
            value={`${field.totp.digits}`}
            onChange={(digits) => set({ digits: Number(digits) as 6 | 7 | 8 })}
          />
          <Select
            label="New code"
            options={periodOptions}
            value={field.totp.period === 60 ? '60' : '30'}
            onChange={(period) => set({ period: Number(period) })}
          />
          <Select
            label="Algorithm"
            options={algorithmOptions}
            value={field.totp.algorithm}
            onChange={(algorithm) => set({ algorithm })}
          />
        </div>
      )}
    </>
  )
}

/** What the input asks for: of a one-time code that is its seed, though the field is named after what it gives. */
function inputLabel({ type, label }: DraftField): string {
  const name = label.trim() === '' ? 'New field' : label
  if (type !== 'totp') return name
  return name === 'One-time code' ? 'Seed' : `Seed of ${name}`
}

function FieldActions({ field, onChange, onRemove, naming, onName, making, onMake }: ActionsProps): ReactNode {
  const canChoose = field.type === 'text' || field.type === 'multiline' || field.type === 'file'
  return (
    <>
      {canChoose && (
        <YesNo
          label="Secret"
          about={field.label}
          value={field.secret}
          onChange={(secret) => onChange({ ...field, secret })}
        />
      )}
      {onMake !== null && (
        <Button
          look="quiet"
          size="little"
          aria-expanded={making}
          aria-label={`Generate ${field.label}…`}
          onPress={onMake}
        >
          Generate…
        </Button>
      )}
      <Button look="quiet" size="little" aria-expanded={naming} aria-label={`Rename ${field.label}`} onPress={onName}>
        Rename
      </Button>
      {onRemove !== null && (
        <Button look="quiet" size="little" aria-label={`Remove ${field.label}`} onPress={onRemove}>
          Remove
        </Button>
      )}
    </>
  )
}

interface ActionsProps extends Pick<Props, 'field' | 'onChange' | 'onRemove'> {
  readonly making: boolean
  /** Null where nothing can be generated. */
  readonly onMake: (() => void) | null
  readonly naming: boolean
  readonly onName: () => void
}

/** A field with its name, its mark as a secret, and the way to remove it. */
export function FieldEditor({ field, problem, onChange, onRemove, makers, onPublicKey }: Props): ReactNode {
  const [making, setMaking] = useState(false)
  const canMake = field.secret && ['text', 'multiline', 'totp'].includes(field.type)
  const [naming, setNaming] = useState(field.label === '')
  const lines = field.type === 'multiline' ? 4 : field.type === 'codes' ? 6 : undefined
  const actions = (
    <FieldActions
      field={field}
      onChange={onChange}
      onRemove={onRemove}
      naming={naming}
      onName={() => setNaming(!naming)}
      making={making}
      onMake={canMake ? () => setMaking(!making) : null}
    />
  )
  return (
    <li className="draft-field stack-tight">
      {field.type === 'file' ? (
        <FileField field={field} problem={problem} onChange={onChange} actions={actions} />
      ) : (
        <SecretField
          label={inputLabel(field)}
          value={field.text}
          onChange={(text) => onChange({ ...field, text })}
          secret={field.secret}
          optional={field.optional}
          error={problem}
          max={limits.fieldBytes}
          actions={actions}
          {...(lines === undefined ? {} : { rows: lines })}
          {...(hints[field.type] === undefined ? {} : { hint: hints[field.type] })}
        />
      )}
      {making && canMake && <Generator field={field} makers={makers} onChange={onChange} onPublicKey={onPublicKey} />}
      {field.type === 'totp' && <TotpSettings field={field} onChange={onChange} />}
      {naming && (
        <TextField
          label="Name of this field"
          value={field.label}
          onChange={(label) => onChange({ ...field, label })}
          max={limits.labelLength}
        />
      )}
    </li>
  )
}

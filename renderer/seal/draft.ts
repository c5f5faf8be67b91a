/** The fields of a credential while they are being entered: which ones a kind begins with, and reading them as bytes. */
import { utf8 } from '../../shared/bytes.ts'
import type { EnteredField } from '../../shared/contracts/seal.ts'
import type { CredentialKind, FieldType, TotpParameters } from '../../shared/domain/credential.ts'
import { lineSchema } from '../../shared/domain/forms.ts'
import { limits } from '../../shared/limits.ts'
import { OtpauthError, parseOtpauth } from '../ui/otpauth.ts'
import { formatBytes } from '../ui/time.ts'

export interface ChosenFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** One field as it stands in the form. */
export interface DraftField {
  readonly id: number
  readonly label: string
  readonly type: FieldType
  readonly secret: boolean
  readonly text: string
  readonly file: ChosenFile | null
  /** May be left empty; it is then not sealed at all. */
  readonly optional: boolean
  /** For a bare seed, which does not say. */
  readonly totp: TotpParameters
}

type Start = Pick<DraftField, 'label' | 'type' | 'secret' | 'optional'>

const startOf = (label: string, type: FieldType, secret: boolean, optional = false): Start => ({
  label,
  type,
  secret,
  optional,
})

const starts: Readonly<Record<CredentialKind, readonly Start[]>> = {
  login: [
    startOf('User name', 'text', false),
    startOf('Password', 'text', true),
    startOf('Address', 'text', false, true),
    startOf('Note', 'multiline', true, true),
  ],
  'secret-text': [startOf('Secret', 'multiline', true)],
  'ssh-key': [
    startOf('Private key', 'multiline', true),
    startOf('Passphrase', 'text', true, true),
    startOf('Public key', 'multiline', false, true),
  ],
  'api-token': [startOf('Token', 'text', true), startOf('Address', 'text', false, true)],
  totp: [startOf('One-time code', 'totp', true), startOf('User name', 'text', false, true)],
  'recovery-codes': [startOf('Recovery codes', 'codes', true)],
  'key-values': [startOf('Value 1', 'text', true), startOf('Value 2', 'text', true, true)],
  file: [startOf('File', 'file', true)],
}

/** An empty field; `id` is the page's own, unique among its fields. */
export const createField = (id: number, start: Start): DraftField => ({
  ...start,
  id,
  text: '',
  file: null,
  totp: { algorithm: 'SHA1', digits: 6, period: 30 },
})

/** The fields that a credential of `kind` begins with. */
export const fieldsFor = (kind: CredentialKind): readonly DraftField[] =>
  starts[kind].map((start, id) => createField(id, start))

const isEmpty = (field: DraftField): boolean => (field.type === 'file' ? field.file === null : field.text.trim() === '')

/** What was read: the fields to send, in order, each with the id of the draft it came from; or what is wrong with which. */
export interface ReadFields {
  readonly fields: readonly EnteredField[]
  readonly ids: readonly number[]
  readonly problems: ReadonlyMap<number, string>
}

function checkSize(value: Uint8Array, max: number): string | null {
  return value.length > max ? `That is ${formatBytes(value.length)}; at most ${formatBytes(max)} fit.` : null
}

type Value = Pick<EnteredField, 'value' | 'totp' | 'fileName'>

/** The value of one field, or a sentence on what is wrong with it. */
function readValue(field: DraftField): Value | string {
  switch (field.type) {
    case 'text':
    case 'multiline': {
      const value = utf8(field.text)
      return checkSize(value, limits.fieldBytes) ?? { value, totp: null, fileName: null }
    }
    case 'totp':
      try {
        const { seed, totp } = parseOtpauth(field.text, field.totp)
        return { value: seed, totp, fileName: null }
      } catch (error) {
        if (error instanceof OtpauthError) return error.message
        throw error
      }
    case 'codes': {
      const codes = field.text
        .split('\n')
        .map((code) => code.trim())
        .filter((code) => code !== '')
      if (codes.length > limits.recoveryCodes)
        return `There are ${codes.length} codes; at most ${limits.recoveryCodes} fit.`
      if (new Set(codes).size < codes.length) return 'A code stands there twice. Each can be used only once.'
      const value = utf8(codes.join('\n'))
      return checkSize(value, limits.fieldBytes) ?? { value, totp: null, fileName: null }
    }
    case 'file': {
      if (field.file === null) return 'Choose the file.'
      // A copy: what is sent is wiped afterwards, and the form may have to be sent again.
      const value = field.file.bytes.slice()
      return checkSize(value, limits.fileBytes) ?? { value, totp: null, fileName: cleanFileName(field.file.name) }
    }
  }
}

/** A file's name as one bounded line of text. */
function cleanFileName(name: string): string {
  const clean = name
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
    .trim()
    .slice(0, 200)
    .trim()
  return lineSchema(200).safeParse(clean).success ? clean : 'file'
}

/** Reads all fields. The caller wipes the values with {@link wipeFields} once they are sent. */
export function readFields(drafts: readonly DraftField[]): ReadFields {
  const fields: EnteredField[] = []
  const ids: number[] = []
  const problems = new Map<number, string>()
  const labels = new Set<string>()
  for (const draft of drafts) {
    if (isEmpty(draft) && draft.optional) continue
    const label = draft.label.trim().replace(/\s+/g, ' ')
    if (label === '') problems.set(draft.id, 'Give this field a name.')
    else if (labels.has(label.toLowerCase())) problems.set(draft.id, 'Another field has this name.')
    else if (isEmpty(draft))
      problems.set(
        draft.id,
        draft.type === 'file' ? 'Choose the file.' : 'This is empty. Enter it, or remove the field.',
      )
    else {
      const read = readValue(draft)
      if (typeof read === 'string') problems.set(draft.id, read)
      else {
        fields.push({ label, type: draft.type, secret: draft.secret, ...read })
        ids.push(draft.id)
      }
    }
    labels.add(label.toLowerCase())
  }
  if (fields.length === 0 && problems.size === 0) {
    const first = drafts[0]
    if (first !== undefined) problems.set(first.id, 'Enter at least one value.')
  }
  return { fields, ids, problems }
}

/** Overwrites the values. */
export function wipeFields(fields: readonly EnteredField[]): void {
  for (const { value } of fields) value.fill(0)
}

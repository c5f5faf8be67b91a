/** Fields of a draft that a change is made of: each one member of it, with what is wrong with that. */
import type { ReactNode } from 'react'
import { NumberField } from '../ui/number-field.tsx'
import { TextField } from '../ui/text-field.tsx'

interface Draft<D, F extends string> {
  readonly draft: D
  readonly problems: ReadonlyMap<F, string>
  readonly onChange: (draft: D) => void
}

/** One field for text. `rows`: of several lines. */
export interface TextWish<M extends string> {
  readonly member: M
  readonly label: string
  readonly hint?: string
  readonly rows?: number
  readonly optional?: boolean
  readonly mono?: boolean
}

/** Where a server shows a certificate that this system does not know. */
export const certificatesWish: TextWish<'ca'> = {
  member: 'ca',
  label: 'Certificates that vouch for the server',
  hint: 'PEM. Left empty, those that this system trusts count.',
  rows: 4,
  optional: true,
  mono: true,
}

export function DraftText<M extends F, F extends string, D extends Readonly<Record<M, string>>>({
  draft,
  problems,
  onChange,
  member,
  optional = false,
  ...wish
}: Draft<D, F> & TextWish<M>): ReactNode {
  return (
    <TextField
      {...wish}
      optional={optional}
      value={draft[member]}
      onChange={(value) => onChange({ ...draft, [member]: value })}
      error={problems.get(member) ?? null}
    />
  )
}

export function DraftNumber<M extends F, F extends string, D extends Readonly<Record<M, number>>>({
  draft,
  problems,
  onChange,
  member,
  ...wish
}: Draft<D, F> & {
  readonly member: M
  readonly label: string
  readonly min: number
  readonly max: number
}): ReactNode {
  return (
    <NumberField
      {...wish}
      value={draft[member]}
      onChange={(value) => onChange({ ...draft, [member]: value })}
      error={problems.get(member) ?? null}
    />
  )
}

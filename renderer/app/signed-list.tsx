/** Editing what a quorum signs: a form of its own for each thing listed, and one button for all of them. */
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { focusFirstInvalid } from '../ui/focus-invalid.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { Icon } from '../ui/pictures.tsx'
import type { useAction } from '../ui/use-action.ts'

interface Listed<K extends string> {
  readonly id: string
  readonly name: string
  readonly kind: K
}

/** What it is called while it has no name yet. */
export const nameOfDraft = <K extends string>({ name, kind }: Listed<K>, kinds: Readonly<Record<K, string>>): string =>
  name.trim() === '' ? `new ${kinds[kind]}` : name

/** The form around a list: signed, or left as it was. */
export function SignedForm({
  action: { busy, error },
  onSign,
  onClose,
  children,
}: {
  readonly action: Pick<ReturnType<typeof useAction>, 'busy' | 'error'>
  readonly onSign: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onSign()
        focusFirstInvalid(event.currentTarget)
      }}
    >
      {children}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy}>
          Have it signed
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}

interface ListProps<K extends string, D extends Listed<K>> {
  readonly drafts: readonly D[]
  readonly kinds: Readonly<Record<K, string>>
  readonly className: string
  readonly addLabel: string
  readonly max: number
  readonly create: (kind: K) => D
  readonly onChange: (drafts: readonly D[]) => void
  readonly form: (draft: D, onChange: (next: D) => void) => ReactNode
}

/** One form for each draft, each to be taken out, and a button for each kind that can be added. */
export function DraftList<K extends string, D extends Listed<K>>({
  drafts,
  kinds,
  className,
  addLabel,
  max,
  create,
  onChange,
  form,
}: ListProps<K, D>): ReactNode {
  return (
    <>
      {drafts.map((draft) => (
        <fieldset key={draft.id} className={`panel stack ${className}`}>
          <legend>
            {kinds[draft.kind]}: {nameOfDraft(draft, kinds)}
          </legend>
          {form(draft, (next) => onChange(drafts.map((old) => (old.id === next.id ? next : old))))}
          <div>
            <Button
              look="quiet"
              size="little"
              aria-label={`Take it out: ${nameOfDraft(draft, kinds)}`}
              onPress={() => onChange(drafts.filter(({ id }) => id !== draft.id))}
            >
              <Icon name="cross" size={16} /> Take it out
            </Button>
          </div>
        </fieldset>
      ))}
      <div className="row" role="group" aria-label={addLabel}>
        {(Object.keys(kinds) as K[]).map((kind) => (
          <Button key={kind} isDisabled={drafts.length >= max} onPress={() => onChange([...drafts, create(kind)])}>
            <Icon name="plus" size={16} /> {kinds[kind]}
          </Button>
        ))}
      </div>
    </>
  )
}

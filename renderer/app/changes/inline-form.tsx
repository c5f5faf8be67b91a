/** A small form that opens in place, and closes with Escape or "Not now". */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/pictures.tsx'

interface Props {
  /** What the form is called; not shown. */
  readonly title: string
  readonly confirm: string
  readonly isReady?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

export function InlineForm({ title, confirm, isReady = true, onConfirm, onClose, children }: Props): ReactNode {
  return (
    <form
      className="inline-form stack-tight"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onConfirm()
      }}
    >
      {children}
      <div className="row">
        <Button look="primary" size="little" type="submit" isDisabled={!isReady}>
          {confirm}
        </Button>
        <Button look="quiet" size="little" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}

interface NameProps {
  readonly name: string
  readonly isNew: boolean
  readonly badge: string
}

/** A name in a list of what will be; `badge`: what the change does with it. */
export function ChangedName({ name, isNew, badge }: NameProps): ReactNode {
  return (
    <h3>
      {name}{' '}
      {isNew && (
        <span className="badge ok">
          <Icon name="plus" size={14} /> {badge}
        </span>
      )}
    </h3>
  )
}

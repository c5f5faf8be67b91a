/** One field: masked, or shown with what can be done with it. */
import { useState, type ReactNode } from 'react'
import { AskDialog } from '../ui/ask-dialog.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { formatBytes } from '../ui/time.ts'
import { FieldValue } from './field-value.tsx'
import type { RevealedField, RevealState, RevealStore } from './reveal-store.ts'

interface Props {
  readonly field: RevealedField
  readonly state: RevealState
  readonly store: RevealStore
  readonly copyAllowed: boolean
}

function describeField(field: RevealedField, codesLeft: number | undefined): string {
  switch (field.type) {
    case 'codes':
      return codesLeft === 1 ? '1 unused code left' : `${codesLeft ?? 0} unused codes left`
    case 'file':
      return `${field.fileName ?? 'File'}, ${formatBytes(field.length)}`
    case 'totp':
      return 'Running code'
    case 'text':
    case 'multiline':
      return field.secret ? 'Secret' : ''
  }
}

/** Taking a code uses it up for good: asked once more. */
function TakeCode({
  field,
  store,
  codesLeft,
  another,
}: {
  readonly field: RevealedField
  readonly store: RevealStore
  readonly codesLeft: number
  readonly another: boolean
}): ReactNode {
  const [asking, setAsking] = useState(false)
  const words = codesLeft === 0 ? 'All used' : another ? 'Show another' : 'Show'
  return (
    <>
      <Button
        look={another ? 'plain' : 'primary'}
        isDisabled={codesLeft === 0}
        aria-label={`${words}${words === 'Show' ? '' : ':'} ${field.label}`}
        onPress={() => setAsking(true)}
      >
        {words}
      </Button>
      <AskDialog
        title="Use one recovery code?"
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirm={{ label: 'Use one code now', danger: true, onPress: () => void store.show(field.id) }}
      >
        <p>
          One code is shown and counts as used from then on: Halligan never shows it again.{' '}
          {codesLeft === 1 ? 'It is the last one.' : `${codesLeft - 1} will be left.`}
        </p>
      </AskDialog>
    </>
  )
}

function Controls({ field, state, store, copyAllowed }: Props): ReactNode {
  const isShown = state.shown.has(field.id)
  const canCopy = copyAllowed && isShown && field.type !== 'file'
  const copied = state.copied?.field === field.id ? state.copied : null
  return (
    <div className="row field-do">
      {canCopy && (
        <>
          <span role="status" className="small soft">
            {copied?.ok === true && 'Copied; cleared in 10 seconds'}
            {copied?.ok === false && 'Copying failed; read it off instead'}
          </span>
          <Button aria-label={`Copy ${field.label}`} onPress={() => void store.copy(field.id)}>
            Copy
          </Button>
        </>
      )}
      {isShown && (
        <Button aria-label={`Mask ${field.label}`} onPress={() => store.mask(field.id)}>
          Mask
        </Button>
      )}
      {field.type === 'codes' ? (
        <TakeCode field={field} store={store} codesLeft={state.codesLeft.get(field.id) ?? 0} another={isShown} />
      ) : (
        !isShown && (
          <Button look="primary" aria-label={`Show ${field.label}`} onPress={() => void store.show(field.id)}>
            Show
          </Button>
        )
      )}
    </div>
  )
}

/** A field of the open credential. */
export function FieldCard(props: Props): ReactNode {
  const { field, state, store } = props
  const shown = state.shown.get(field.id)
  const error = state.errors.get(field.id)
  return (
    <li className="panel field-card">
      <div className="spread field-head">
        <div>
          <h2>{field.label}</h2>
          <p className="soft small">{describeField(field, state.codesLeft.get(field.id))}</p>
        </div>
        <Controls {...props} />
      </div>
      {shown === undefined ? (
        <p className="mask" aria-hidden="true">
          ••••••••••••
        </p>
      ) : (
        <div className="value">
          <FieldValue field={field} shown={shown} onRefresh={() => void store.refresh(field.id)} />
        </div>
      )}
      {error !== undefined && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}

/** The window where a secret is entered, and from which it goes to the strongroom process and nowhere else. */
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { FieldType } from '../../shared/domain/credential.ts'
import { limits } from '../../shared/limits.ts'
import { utf8 } from '../../shared/bytes.ts'
import { Button } from '../ui/button.tsx'
import { kindNames } from '../../shared/audit/entry-sentences.ts'
import { focusFirstInvalid } from '../ui/focus-invalid.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { HalliganMark, Icon } from '../ui/pictures.tsx'
import { createField, fieldsFor, type DraftField } from './draft.ts'
import { FieldEditor } from './field-editor.tsx'
import { RunbookEditor } from './runbook-editor.tsx'
import type { SealState, SealStore, SealView } from './seal-store.ts'

const additions: readonly { readonly type: FieldType; readonly name: string; readonly label: string }[] = [
  { type: 'text', name: 'Text', label: 'Value' },
  { type: 'multiline', name: 'Several lines', label: 'Text' },
  { type: 'totp', name: 'One-time code', label: 'One-time code' },
  { type: 'codes', name: 'Recovery codes', label: 'Recovery codes' },
  { type: 'file', name: 'File', label: 'File' },
]

/** `Value`, or `Value 2` where that is taken. */
function freeLabel(label: string, fields: readonly DraftField[]): string {
  const taken = new Set(fields.map((field) => field.label.trim().toLowerCase()))
  if (!taken.has(label.toLowerCase())) return label
  for (let number = 2; ; number++) {
    const next = `${label} ${number}`
    if (!taken.has(next.toLowerCase())) return next
  }
}

function Head({ view }: { readonly view: SealView }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <header className="seal-head">
      <h1 tabIndex={-1} ref={heading}>
        {view.version === 1 ? `Seal: ${view.name}` : `Seal version ${view.version}: ${view.name}`}
      </h1>
      <p>
        {kindNames[view.kind]} in {view.safe}, sealed by {view.sealedBy}.
      </p>
      <Notice tone="info">
        <p>
          <strong>
            Any {view.threshold} of these {view.custodians.length}
          </strong>{' '}
          can open it, and nobody alone: {view.custodians.join(', ')}.
        </p>
      </Notice>
    </header>
  )
}

/** The form. It is drawn only while the values are wanted: taking it away is what clears them. */
function SealForm({
  view,
  state,
  store,
}: {
  readonly view: SealView
  readonly state: SealState
  readonly store: SealStore
}): ReactNode {
  const [fields, setFields] = useState<readonly DraftField[]>(() => fieldsFor(view.kind))
  const [runbook, setRunbook] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const { problems } = state
  useEffect(() => {
    if (problems.size > 0 && form.current !== null) focusFirstInvalid(form.current)
  }, [problems])
  const add = (type: FieldType, label: string): void => {
    const id = Math.max(-1, ...fields.map((field) => field.id)) + 1
    const start = { label: freeLabel(label, fields), type, secret: true, optional: false }
    setFields([...fields, createField(id, start)])
  }
  /** Into the field that is there for it, or a new one. */
  const takePublicKey = (text: string): void => {
    setFields((old) => {
      const place = old.find(({ label, secret }) => !secret && label === 'Public key')
      if (place !== undefined) return old.map((one) => (one === place ? { ...one, text } : one))
      if (old.length >= limits.fields) return old
      const id = Math.max(-1, ...old.map((field) => field.id)) + 1
      const start = { label: freeLabel('Public key', old), type: 'multiline', secret: false, optional: true } as const
      return [...old, { ...createField(id, start), text }]
    })
  }
  return (
    <form
      ref={form}
      className="stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        if (utf8(runbook).length <= limits.runbookBytes) void store.submit(fields, runbook)
      }}
    >
      <section className="stack-tight" aria-labelledby="fields">
        <h2 id="fields">What is sealed</h2>
        <p className="soft">Fields marked as secret are masked until somebody asks to see them.</p>
        <ul className="plain-list draft-fields">
          {fields.map((field) => (
            <FieldEditor
              key={field.id}
              field={field}
              problem={problems.get(field.id) ?? null}
              onChange={(next) => setFields((old) => old.map((each) => (each.id === next.id ? next : each)))}
              makers={store.makers}
              onPublicKey={takePublicKey}
              onRemove={fields.length > 1 ? () => setFields(fields.filter(({ id }) => id !== field.id)) : null}
            />
          ))}
        </ul>
        <div className="row" role="group" aria-label="Add a field">
          <span className="soft">Add:</span>
          {additions.map(({ type, name, label }) => (
            <Button
              key={type}
              size="little"
              isDisabled={fields.length >= limits.fields}
              aria-label={`Add: ${name}`}
              onPress={() => add(type, label)}
            >
              <Icon name="plus" size={14} /> {name}
            </Button>
          ))}
        </div>
      </section>
      <RunbookEditor text={runbook} onChange={setRunbook} />
      <div className="seal-do">
        {problems.size > 0 && (
          <Notice tone="bad" live="alert">
            <p>
              {problems.size === 1
                ? 'One field needs a correction; it is marked.'
                : `${problems.size} fields need a correction; they are marked.`}
            </p>
          </Notice>
        )}
        {state.error !== null && <ErrorNotice code={state.error.code} detail={state.error.detail} />}
        <div className="row">
          <Button look="primary" size="big" type="submit" isDisabled={state.busy}>
            {state.busy ? 'Sealing…' : 'Seal it'}
          </Button>
          <Button look="quiet" onPress={store.cancel}>
            Cancel
          </Button>
          <span className="soft small">What you entered is cleared from this window as soon as it is sealed.</span>
        </div>
      </div>
    </form>
  )
}

function Message({ title, text }: { readonly title: string; readonly text: string }): ReactNode {
  return (
    <main className="seal-message">
      <HalliganMark size={48} />
      <h1>{title}</h1>
      <p className="soft" role="status">
        {text}
      </p>
    </main>
  )
}

/** The seal page. */
export function SealPage({ store }: { readonly store: SealStore }): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.getState)
  if (state.life === 'sent')
    return <Message title="Sealed and cleared" text="Now touch your key in the window that opens, to sign for it." />
  if (state.life === 'over')
    return (
      <Message
        title="This window has ended"
        text="What was entered here is gone. Go on in the main window of Halligan."
      />
    )
  if (state.view === null)
    return state.error === null ? (
      <Message title="One moment" text="The form is being prepared." />
    ) : (
      <main className="seal-message">
        <h1>The form could not be prepared</h1>
        <ErrorNotice code={state.error.code} detail={state.error.detail} />
      </main>
    )
  return (
    <main className="seal">
      <Head view={state.view} />
      <SealForm view={state.view} state={state} store={store} />
    </main>
  )
}

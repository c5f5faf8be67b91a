/** The open credential: time left and the way to end it on top, the fields, the runbook beside them. */
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { closeReasons } from '../../shared/audit/entry-sentences.ts'
import { Runbook } from '../ui/markdown.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { HalliganMark, Icon } from '../ui/pictures.tsx'
import { TimeRing } from '../ui/ring.tsx'
import { TellSecurity } from '../ui/tell-security.tsx'
import { formatCountdown, formatTime } from '../ui/time.ts'
import { FieldCard } from './field-card.tsx'
import { announceRemaining, toneOf } from './remaining.ts'
import type { Opened, RevealState, RevealStore } from './reveal-store.ts'

function TimeBand({
  opened,
  state,
  store,
}: {
  readonly opened: Opened
  readonly state: RevealState
  readonly store: RevealStore
}): ReactNode {
  const hide = useRef<HTMLButtonElement>(null)
  useEffect(() => hide.current?.focus(), [])
  const { remainingMs } = state
  const digits = formatCountdown(remainingMs)
  return (
    <header className="time-band">
      <TimeRing
        share={remainingMs / (opened.windowSeconds * 1000)}
        text={digits}
        tone={toneOf(opened.windowSeconds, remainingMs)}
      />
      <div className="time-words">
        <h1>{opened.credential}</h1>
        <p className="soft small">
          Closes by itself in{' '}
          <span role="timer" aria-label="Time left">
            {digits}
          </span>
          , at {formatTime(opened.endsAt)}
        </p>
        <p className="sr-only" role="status">
          {announceRemaining(opened.windowSeconds, remainingMs)}
        </p>
      </div>
      <Button ref={hide} look="primary" size="big" onPress={store.hideNow}>
        Hide now
      </Button>
    </header>
  )
}

function Beside({ opened }: { readonly opened: Opened }): ReactNode {
  return (
    <aside className="beside" aria-label="Runbook and request">
      <section className="stack-tight" aria-labelledby="runbook">
        <h2 id="runbook">Runbook</h2>
        {opened.runbook.trim() === '' ? (
          <p className="soft">None was sealed with this version.</p>
        ) : (
          <Runbook text={opened.runbook} />
        )}
      </section>
      <section className="stack-tight" aria-labelledby="request">
        <h2 id="request">Request</h2>
        <dl className="facts small">
          <dt>By whom</dt>
          <dd>{opened.requester}</dd>
          <dt>Why</dt>
          <dd>{opened.reason}</dd>
          {opened.incident !== null && (
            <>
              <dt>Incident</dt>
              <dd>{opened.incident}</dd>
            </>
          )}
          <dt>Approved by</dt>
          <dd>{opened.approvals.join(', ')}</dd>
          <dt>Version</dt>
          <dd>{opened.newest === null ? opened.version : `${opened.version} (the newest is ${opened.newest})`}</dd>
        </dl>
        {opened.alertText !== null && <TellButton text={opened.alertText} />}
      </section>
    </aside>
  )
}

function TellButton({ text }: { readonly text: string }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="row">
      <Button onPress={() => setOpen(true)}>Tell security now</Button>
      <TellSecurity isOpen={isOpen} onClose={() => setOpen(false)} text={text} />
    </div>
  )
}

function CaptureStatus({ opened }: { readonly opened: Opened }): ReactNode {
  const isOn = opened.captureProtection === 'on'
  return (
    <p className="capture small">
      <Icon name={isOn ? 'check' : 'warn'} size={16} />
      {isOn
        ? 'Kept out of screenshots and screen sharing.'
        : 'Not kept out of screenshots here: end any screen sharing.'}{' '}
      {opened.copyAllowed ? 'Copying is allowed, and recorded.' : 'Copying is off. What is shown is recorded.'}
    </p>
  )
}

function Message({ title, text }: { readonly title: string; readonly text: string }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main className="reveal-message">
      <HalliganMark size={48} />
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      <p className="soft" role="status">
        {text}
      </p>
    </main>
  )
}

/** The reveal page. */
export function RevealPage({ store }: { readonly store: RevealStore }): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.getState)
  const { opened } = state
  if (state.life === 'ended')
    return (
      <Message
        title="Ended"
        text={
          state.reason === null
            ? 'What was shown is gone from this window.'
            : `The window was closed ${closeReasons[state.reason]}. What was shown is gone from it.`
        }
      />
    )
  if (opened === null) {
    const error = state.errors.get(-1)
    if (error === undefined)
      return <Message title="Not open yet" text="The credential opens here when enough custodians have tapped." />
    return (
      <main className="reveal-message">
        <h1>It could not be opened</h1>
        <ErrorNotice code={error.code} detail={error.detail} />
      </main>
    )
  }
  return (
    <div className="reveal">
      <TimeBand opened={opened} state={state} store={store} />
      <div className="reveal-columns">
        <main className="stack fields" aria-label="Fields">
          <ul className="plain-list stack">
            {opened.fields.map((field) => (
              <FieldCard key={field.id} field={field} state={state} store={store} copyAllowed={opened.copyAllowed} />
            ))}
          </ul>
        </main>
        <Beside opened={opened} />
      </div>
      <footer>
        <CaptureStatus opened={opened} />
      </footer>
    </div>
  )
}

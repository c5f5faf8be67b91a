/** What a person reads before touching their key, and what they see when they have. */
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import type { TapView } from '../../shared/contracts/tap.ts'
import type { TapPlace } from '../../shared/domain/tap-place.ts'
import { Button } from '../ui/button.tsx'
import { CodePrint } from '../ui/notice.tsx'
import { PeopleList, type PersonMark } from '../ui/people-list.tsx'
import { HalliganMark, Icon, KeyAndTouch } from '../ui/pictures.tsx'
import { QuorumRing } from '../ui/ring.tsx'
import { sentenceFor } from '../ui/sentences.ts'
import { formatMoment } from '../ui/time.ts'
import { PassphraseForm } from './passphrase-form.tsx'
import type { TapState, TapStore } from './tap-store.ts'

type Refusal = Extract<NonNullable<TapState['feedback']>, { accepted: false }>

const headings: Readonly<Record<TapView['kind'], string>> = {
  enrol: 'Enrol a security key',
  acknowledge: 'Sign who holds what',
  seal: 'Sign for sealing',
  request: 'Approve a request',
  'request-opening': 'Open a request',
  classify: 'Sign what this use was',
  export: 'Sign for an export',
  'add-key': 'Add a security key',
  amend: 'Sign a change',
  'key-drill': 'Test a security key',
  passphrase: 'Change a passphrase',
  prove: 'Prove that it opens',
  reshare: 'Change who holds shares',
  destroy: 'Destroy an old version',
  'ceremony-open': 'Open a ceremony',
  'ceremony-cancel': 'Give up a ceremony',
  minutes: 'Sign the minutes',
  veto: 'Stop a request that waits',
}

/** A moment as it is signed; people read it in their own time. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** Windows asks for a key's PIN by itself; elsewhere nobody does while the page stands in a window of ours. */
const asksForPin = (place: TapPlace['place']): boolean => place === 'browser' || navigator.userAgent.includes('Windows')

/** The sentence of a refusal; whose touch it was is said once, in the sentence or before it. */
function refusalWords({ code, person }: Refusal, place: TapPlace['place']): string {
  if (person === null) return sentenceFor(code, asksForPin(place) ? {} : { pin: 'only-in-browser' })
  const sentence = sentenceFor(code, { person })
  return sentence.includes(person) ? sentence : `${person}: ${sentence}`
}

function Feedback({ state, place }: { readonly state: TapState; readonly place: TapPlace['place'] }): ReactNode {
  const { feedback, feedbackCount } = state
  return (
    <div role="status" className="feedback-space">
      {feedback?.accepted === true && (
        <div key={feedbackCount} className="feedback accepted">
          <Icon name="check" size={40} />
          <p>
            <strong>Accepted.</strong> {feedback.person} has tapped.
          </p>
        </div>
      )}
      {feedback?.accepted === false && (
        <div key={feedbackCount} className="feedback refused">
          <Icon name="stop" size={40} />
          <div>
            <p>
              <strong>Not accepted.</strong> {refusalWords(feedback, place)}
            </p>
            <CodePrint code={feedback.code} />
          </div>
        </div>
      )}
    </div>
  )
}

function markPeople(view: TapView): PersonMark[] {
  const waiting = view.kind === 'request' ? 'may tap' : 'taps now'
  return view.people.map((person, index) => ({
    key: `${index} ${person.name}`,
    name: person.name,
    state: person.state,
    ...(person.state === 'waiting' ? { note: waiting } : {}),
  }))
}

/** "2 of 3 custodians": of people where it is not about custodians. */
function quorumWords(view: TapView): string {
  if (view.kind === 'request' || view.kind === 'acknowledge') return `${view.have} of ${view.need} custodians`
  if (view.kind === 'enrol') return `${view.have} of ${view.need} touches`
  return `${view.have} of ${view.need} ${view.need === 1 ? 'tap' : 'taps'}`
}

/** Where a passphrase is changed there are two, and the strongroom says which one is asked for. */
const instructionWords = (view: TapView, asked: TapState['passphrase']): string =>
  asked?.kind === 'enter' && view.kind !== 'passphrase' ? 'First the passphrase, then the key.' : view.instruction

function TouchControls({ state, store }: { readonly state: TapState; readonly store: TapStore }): ReactNode {
  const primary = useRef<HTMLButtonElement>(null)
  const ready = state.phase === 'ready'
  useEffect(() => {
    if (ready) primary.current?.focus()
  }, [ready])
  if (state.passphrase !== null) {
    return (
      <div className="tap-controls">
        <Button look="quiet" onPress={store.cancel}>
          Cancel
        </Button>
      </div>
    )
  }
  // In the browser one button after the other: reading comes first.
  const mustRead = store.waits === 'first' && ready
  return (
    <div className="tap-controls">
      {store.waits === 'always' && (
        <Button ref={primary} look="primary" size="big" isDisabled={!ready} onPress={store.askAgain}>
          Touch now
        </Button>
      )}
      {mustRead && (
        <Button ref={primary} look="primary" size="big" onPress={store.askAgain}>
          I have read this: use my key
        </Button>
      )}
      {!mustRead && (
        <Button isDisabled={state.phase === 'none'} onPress={store.askAgain}>
          Ask the key again
        </Button>
      )}
      <Button look="quiet" onPress={store.cancel}>
        Cancel
      </Button>
    </div>
  )
}

function Approval({ view }: { readonly view: TapView }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
  }, [view.kind])
  return (
    <section className="tap-what" aria-labelledby="tap-title">
      <p className="tap-kicker">{headings[view.kind]}</p>
      <h1 id="tap-title" tabIndex={-1} ref={heading}>
        {view.title}
      </h1>
      <dl className="facts">
        {view.lines.map((line, index) => (
          <div key={index} className="fact">
            <dt>{line.label}</dt>
            <dd>{timestamp.test(line.value) ? formatMoment(line.value) : line.value}</dd>
          </div>
        ))}
      </dl>
      <p className="tap-note small soft">
        Your touch approves exactly what stands here, and is recorded under your name. Something is wrong? Cancel.
      </p>
    </section>
  )
}

function Waiting({ over }: { readonly over: boolean }): ReactNode {
  return (
    <main className="tap-waiting">
      <HalliganMark size={48} />
      <h1>{over ? 'This tap has ended' : 'One moment'}</h1>
      <p className="soft">
        {over ? 'Go on in the main window of Halligan.' : 'What you will approve is being prepared.'}
      </p>
    </main>
  )
}

/** The tap page, in a window of ours or in the system's browser. */
export function TapPage({ store, place }: { readonly store: TapStore; readonly place: TapPlace['place'] }): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.getState)
  const { view } = state
  if (state.life !== 'open' || view === null) return <Waiting over={state.life === 'over'} />
  const asking = state.phase === 'asking'
  return (
    <main className={`tap in-${place}`}>
      <Approval view={view} />
      <section className="tap-do" aria-label="Touch your key">
        <div className="tap-now">
          {state.passphrase === null && <KeyAndTouch active={asking} />}
          <p className="tap-instruction" role="status">
            {instructionWords(view, state.passphrase)}
          </p>
        </div>
        {state.passphrase !== null && (
          <PassphraseForm key={state.passphrase.kind} asked={state.passphrase} onGive={store.givePassphrase} />
        )}
        <Feedback state={state} place={place} />
        {state.passphrase?.kind !== 'choose' && (
          <>
            <div className="tap-quorum">
              <QuorumRing have={view.have} need={view.need} />
              <p className="tap-count" role="status">
                {quorumWords(view)}
              </p>
            </div>
            {view.people.length > 0 && <PeopleList people={markPeople(view)} label="People" />}
          </>
        )}
        <TouchControls state={state} store={store} />
      </section>
    </main>
  )
}

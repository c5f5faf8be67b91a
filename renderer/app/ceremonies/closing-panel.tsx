/** All steps are finished: what is missing until it can be closed, the minutes, and who has signed them. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice, Notice } from '../../ui/notice.tsx'
import { PeopleList } from '../../ui/people-list.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { ExceptionForm } from './exception-form.tsx'
import { PrintButton } from './print-button.tsx'
import { Unclassified } from './step-task.tsx'
import { usePersonName } from './use-names.ts'

function Signatures({ minutes }: { readonly minutes: NonNullable<CeremonyView['minutes']> }): ReactNode {
  const nameOf = usePersonName()
  return (
    <div className="stack-tight">
      <p>
        {minutes.signed.length} of {minutes.wanted.length} have signed. The minutes are sealed with these words:{' '}
        <strong>{minutes.words.join(' ')}</strong>
      </p>
      <PeopleList
        label="Who signs the minutes"
        people={minutes.wanted.map((person) => ({
          key: person,
          name: nameOf(person),
          state: minutes.signed.includes(person) ? ('tapped' as const) : ('waiting' as const),
          note: minutes.signed.includes(person) ? 'has signed' : 'still to sign',
        }))}
      />
      <CodePrint label="Fingerprint of the minutes" code={minutes.hash} />
    </div>
  )
}

export function ClosingPanel({ ceremony }: { readonly ceremony: CeremonyView }): ReactNode {
  const { call } = useStore()
  const { operation } = useVaultState()
  const { run, busy, error } = useAction()
  const [differing, setDiffering] = useState(false)
  const { minutes, unclassified } = ceremony
  return (
    <section className="panel stack step-panel" aria-labelledby="step">
      <h2 id="step">{minutes === null ? 'Close the ceremony' : 'Sign the minutes'}</h2>
      {minutes === null ? (
        <p className="step-instruction">
          The minutes are written from the log: steps, times, initials, exceptions, who took part with which key. Then
          everybody who took part signs them, one after another. They cannot be changed afterwards.
        </p>
      ) : (
        <p className="step-instruction">
          Everybody who took part reads the minutes and signs them. It can be gone on with at any time.
        </p>
      )}
      {unclassified.length > 0 && minutes === null && (
        <Notice tone="warn">
          <p>
            {unclassified.length === 1 ? 'One use has' : `${unclassified.length} uses have`} not been explained yet. The
            ceremony cannot be closed before that.
          </p>
          <Unclassified requests={unclassified} />
        </Notice>
      )}
      {minutes !== null && <Signatures minutes={minutes} />}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {differing ? (
        <ExceptionForm ceremony={ceremony} step={null} onLeaveOut={null} onClose={() => setDiffering(false)} />
      ) : (
        <div className="row">
          <Button
            look="primary"
            isDisabled={busy || operation !== null || (minutes === null && unclassified.length > 0)}
            onPress={() => void run(() => call['ceremony.close']({ ceremony: ceremony.id }))}
          >
            {minutes === null ? 'Write the minutes and sign' : 'Go on signing'}
          </Button>
          {minutes === null ? (
            <Button look="quiet" isDisabled={operation !== null} onPress={() => setDiffering(true)}>
              Something is different: write an exception
            </Button>
          ) : (
            <PrintButton what={{ document: 'minutes', ceremony: ceremony.id }} label="Print the minutes" />
          )}
        </div>
      )}
    </section>
  )
}

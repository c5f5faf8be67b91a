/** One request that waits: what, by whom, until when, and what can be done about it. */
import { useState, type ReactNode } from 'react'
import type { WaitingRequest } from '../../../shared/contracts/request-views.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/pictures.tsx'
import type { Action } from '../../ui/use-action.ts'
import { When } from '../../ui/when.tsx'
import { useNow, useStore, useVaultState } from '../use-app.ts'
import { StopDialog } from './stop-dialog.tsx'
import { formatWait, listOr } from './waiting-words.ts'

interface Props {
  readonly waiting: WaitingRequest
  /** The list's: what was refused must outlive the card. */
  readonly action: Action
}

const isSameDay = (a: string, nowMs: number): boolean =>
  new Date(Date.parse(a)).toDateString() === new Date(nowMs).toDateString()

/** The vault alone says when it is ready: a clock that was set forward must not make this page promise it. */
function WhenItOpens({ waiting }: Pick<Props, 'waiting'>): ReactNode {
  const now = useNow(1000)
  const { opensAt, closesAt, isReady } = waiting
  const at = isReady ? closesAt : opensAt
  const left = at === null ? 0 : Date.parse(at) - now
  if (at === null) return <strong>Can be opened now</strong>
  const moment = <When at={at} day={!isSameDay(at, now)} />
  if (!isReady && left <= 0) return <strong>Can be opened in a moment</strong>
  return isReady ? (
    <>
      <strong>Can be opened now</strong>, until {moment} (<span role="timer">{formatWait(left)}</span> left)
    </>
  ) : (
    <>
      <strong>
        Can be opened in <span role="timer">{formatWait(left)}</span>
      </strong>
      , at {moment}
    </>
  )
}

export function WaitingCard({ waiting, action }: Props): ReactNode {
  const { persons, operation, phase } = useVaultState()
  const { call } = useStore()
  const [asking, setAsking] = useState<'stop' | 'withdraw' | null>(null)
  const { request, credentialName, isReady, vetoers } = waiting
  const nameOf = (id: string): string => persons.find((person) => person.id === id)?.name ?? 'somebody no longer listed'
  const isBlocked = action.busy || operation !== null
  const close = (): void => setAsking(null)
  return (
    <li className={isReady ? 'panel waiting-request ready' : 'panel waiting-request'}>
      <h3>
        {credentialName} <span className="soft small">version {waiting.version}</span>
      </h3>
      <p className="waiting-when">
        <Icon name={isReady ? 'check' : 'clock'} size={20} />
        <span>
          <WhenItOpens waiting={waiting} />
        </span>
      </p>
      <p className="sr-only" role="status">
        {isReady && `${credentialName} can be opened now.`}
      </p>
      <dl className="facts">
        <dt>Asked for by</dt>
        <dd>{nameOf(waiting.requester)}</dd>
        <dt>Why</dt>
        <dd>
          {waiting.incident !== null && `${waiting.incident}: `}
          {waiting.reason}
        </dd>
        <dt>Approved by</dt>
        <dd>
          {waiting.approvals.map(nameOf).join(', ')}, <When at={waiting.since} />
        </dd>
        <dt>Can stop it</dt>
        <dd>{listOr(vetoers.map(nameOf))}</dd>
      </dl>
      <div className="row">
        {isReady && (
          <Button
            look="primary"
            aria-label={`Open now: ${credentialName}`}
            isDisabled={isBlocked || phase === 'damaged'}
            onPress={() => void action.run(() => call['request.resume']({ request }))}
          >
            Open now
          </Button>
        )}
        <Button aria-label={`Stop it: ${credentialName}`} isDisabled={isBlocked} onPress={() => setAsking('stop')}>
          Stop it…
        </Button>
        <Button
          look="quiet"
          aria-label={`Withdraw: ${credentialName}`}
          isDisabled={action.busy}
          onPress={() => setAsking('withdraw')}
        >
          Withdraw
        </Button>
        {isReady && <span className="soft small">A quorum taps once more.</span>}
      </div>
      <StopDialog
        waiting={waiting}
        isOpen={asking === 'stop'}
        onClose={close}
        onStop={(person, reason) => void action.run(() => call['request.veto']({ request, person, reason }))}
      />
      <AskDialog
        title={`Withdraw the request for ${credentialName}?`}
        isOpen={asking === 'withdraw'}
        onClose={close}
        confirm={{
          label: 'Withdraw it',
          danger: true,
          onPress: () => void action.run(() => call['request.withdraw']({ request })),
        }}
      >
        <p>Nothing is opened. Whoever asks again begins with the first tap, and waits again from the beginning.</p>
      </AskDialog>
    </li>
  )
}

/** A request under way, on one page that does not scroll. */
import { useState, type ReactNode } from 'react'
import type { OperationView } from '../../shared/contracts/app.ts'
import { sayVersion } from '../../shared/domain/statements.ts'
import { AskDialog } from '../ui/ask-dialog.tsx'
import { Button } from '../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../ui/notice.tsx'
import { PeopleList } from '../ui/people-list.tsx'
import { Icon, KeyAndTouch } from '../ui/pictures.tsx'
import { QuorumRing, TimeRing } from '../ui/ring.tsx'
import { sentenceFor } from '../ui/sentences.ts'
import { formatCountdown, formatSeconds } from '../ui/time.ts'
import { useAction } from '../ui/use-action.ts'
import { When } from '../ui/when.tsx'
import { instructRequest, markCustodians, type RequestView } from './request-words.ts'
import { Screen } from './screen.tsx'
import { TellSecurityButton, useAlarm } from './tell-security-button.tsx'
import { useNow, useStore, useVaultState } from './use-app.ts'
import { WhereToTap } from './where-to-tap.tsx'

interface Props {
  readonly operation: OperationView
  readonly request: RequestView
}

function Facts({ request }: { readonly request: RequestView }): ReactNode {
  const { persons } = useVaultState()
  return (
    <dl className="facts request-facts" tabIndex={0}>
      <dt>What</dt>
      <dd>
        <strong>{request.credentialName}</strong>, {sayVersion(request.version, request.newest)}
      </dd>
      <dt>Why</dt>
      <dd>{request.reason}</dd>
      {request.incident !== null && (
        <>
          <dt>Incident</dt>
          <dd>{request.incident}</dd>
        </>
      )}
      <dt>By whom</dt>
      <dd>{persons.find(({ id }) => id === request.requester)?.name ?? 'Somebody no longer listed'}</dd>
      <dt>How long</dt>
      <dd>{formatSeconds(request.windowSeconds)}</dd>
      <dt>Asked</dt>
      <dd>
        <When at={request.openedAt} />
      </dd>
    </dl>
  )
}

function LastRefusal({ operation }: { readonly operation: OperationView }): ReactNode {
  const { persons } = useVaultState()
  const last = operation.refusals.at(-1)
  const tapped = operation.taps.at(-1)
  // A tap accepted since then says all that is needed. Timestamps of one form sort as text.
  const isCurrent = last !== undefined && operation.stage === 'tap' && (tapped === undefined || last.at > tapped.at)
  const name = persons.find(({ id }) => id === last?.person)?.name
  return (
    <div role="status">
      {isCurrent && (
        <div className="notice bad refusal">
          <Icon name="stop" size={24} />
          <div>
            <p>
              <strong>Not accepted.</strong> {sentenceFor(last.code, name === undefined ? {} : { person: name })}
            </p>
            <CodePrint code={last.code} />
          </div>
        </div>
      )}
    </div>
  )
}

function Remaining({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow(250)
  const granted = request.grantedAt === null ? now : Date.parse(request.grantedAt)
  const left = Math.min(request.windowSeconds * 1000, Math.max(0, granted + request.windowSeconds * 1000 - now))
  const share = left / (request.windowSeconds * 1000)
  return (
    <div className="quorum">
      <TimeRing
        share={share}
        text={formatCountdown(left)}
        tone={share > 0.5 ? 'calm' : left > 20_000 ? 'soon' : 'now'}
      />
      <p className="quorum-words">
        Closes by itself in{' '}
        <span role="timer" aria-label="Time left">
          {formatCountdown(left)}
        </span>
      </p>
    </div>
  )
}

function Expiry({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow(1000)
  const left = Math.max(0, Date.parse(request.expiresAt) - now)
  return (
    <p className="soft small">Without enough taps this request ends by itself in {formatCountdown(left)} minutes.</p>
  )
}

function CancelButton({ operation }: { readonly operation: OperationView }): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState(false)
  const isOpen = operation.stage === 'open'
  const cancel = (): void => void run(() => call['operation.cancel']({ operation: operation.id }))
  return (
    <>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button isDisabled={busy} onPress={() => (isOpen ? cancel() : setAsking(true))}>
          {isOpen ? 'Close the window now' : 'Cancel the request'}
        </Button>
        <TellSecurityButton request={operation.request as RequestView} />
        {!isOpen && <Expiry request={operation.request as RequestView} />}
      </div>
      <AskDialog
        title="Cancel the request?"
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirm={{ label: 'Cancel the request now', danger: true, onPress: cancel }}
      >
        <p>
          Nothing will be shown. The taps so far are void; asking again starts from the first tap. The log keeps the
          request and that it was cancelled.
        </p>
      </AskDialog>
    </>
  )
}

/** The page of one request, from the first tap until its window closes. */
export function RequestPage({ operation, request }: Props): ReactNode {
  const state = useVaultState()
  useAlarm(request)
  const isOpen = operation.stage === 'open'
  return (
    <Screen
      title={isOpen ? `Open: ${request.credentialName}` : `Request: ${request.credentialName}`}
      className="request"
    >
      <div className="request-columns">
        <section className="panel request-what" aria-label="What is asked for">
          <Facts request={request} />
          <WhereToTap operation={operation} />
          <CancelButton operation={operation} />
        </section>
        <section className="panel request-do" aria-label="Who has tapped">
          <p className="instruction" role="status">
            {instructRequest(operation, request, state)}
          </p>
          {isOpen ? (
            <Remaining request={request} />
          ) : (
            <>
              <div className="quorum">
                <QuorumRing have={operation.have} need={operation.need} />
                <p className="quorum-words" role="status">
                  {operation.have} of {operation.need} custodians
                </p>
                <KeyAndTouch active={operation.stage === 'tap'} />
              </div>
              <LastRefusal operation={operation} />
            </>
          )}
          <PeopleList people={markCustodians(operation, request, state)} label="Custodians" />
        </section>
      </div>
    </Screen>
  )
}

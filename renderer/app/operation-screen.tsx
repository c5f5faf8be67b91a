/** What is under way, while other windows do the work. */
import type { ReactNode } from 'react'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import type { OperationView } from '../../shared/contracts/app.ts'
import { Button } from '../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../ui/notice.tsx'
import { PeopleList } from '../ui/people-list.tsx'
import { Icon, KeyAndTouch } from '../ui/pictures.tsx'
import { sentenceFor } from '../ui/sentences.ts'
import { formatNumber, formatTime } from '../ui/time.ts'
import { useAction } from '../ui/use-action.ts'
import { RequestPage } from './request-page.tsx'
import { Screen } from './screen.tsx'
import { useStore, useVaultState } from './use-app.ts'
import { WhereToTap } from './where-to-tap.tsx'

const titles: Readonly<Record<OperationView['kind'], string>> = {
  enrol: 'Enrolling security keys',
  acknowledge: 'Collecting acknowledgements',
  seal: 'Sealing a credential',
  unseal: 'Opening a credential',
  classify: 'Recording what this use was',
  export: 'Exporting the log',
  'add-key': 'Adding a security key',
  amend: 'Signing a change',
  'key-drill': 'Testing a security key',
  passphrase: 'Changing a passphrase',
  prove: 'Proving that credentials open',
  reshare: 'Changing who holds shares',
  destroy: 'Destroying an old version',
  'ceremony-open': 'Opening a ceremony',
  'ceremony-cancel': 'Giving up a ceremony',
  minutes: 'Signing the minutes',
  approve: 'Approving a credential that waits',
  veto: 'Stopping a request that waits',
}

/** Who is meant where it can be more than one. */
const several: Readonly<Partial<Record<OperationView['kind'], string>>> = {
  amend: 'Custodians who sign',
  prove: 'The next custodian of the safe',
  reshare: 'The next custodian',
  minutes: 'The next who took part',
}

const working: Readonly<Partial<Record<OperationView['kind'], string>>> = {
  export: 'Writing the export…',
  reshare: 'Sealing everything anew…',
  prove: 'Putting the shares together…',
  destroy: 'Erasing…',
}

/** Operations that several people tap for, in turn: who has is listed. */
const listed: readonly OperationView['kind'][] = ['acknowledge', 'amend', 'prove', 'reshare', 'minutes']

function instruct(operation: OperationView, name: string | undefined): string {
  const who = name ?? several[operation.kind] ?? 'Each custodian'
  switch (operation.stage) {
    case 'starting':
      return 'Preparing…'
    case 'form':
      return 'Go on in the window that has opened: the secret is entered there and nowhere else.'
    case 'tap':
      return `${who}: insert your key and touch it, in the window that has opened.`
    case 'open':
    case 'working':
      return working[operation.kind] ?? 'Working…'
  }
}

/** Hundreds of records take a while: how far it is, as a figure. */
function RecordProgress({ have, need }: { readonly have: number; readonly need: number }): ReactNode {
  const figure = `${formatNumber(have)} of ${formatNumber(need)}`
  return (
    <ProgressBar className="progress" aria-label="Sealing anew" value={have} maxValue={need} valueLabel={figure}>
      {({ percentage = 0 }) => (
        <>
          <span>Sealed anew and checked</span>
          <span className="counter">{figure}</span>
          <div className="track">
            <div className="fill" style={{ width: `${percentage}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  )
}

/** The steps of an operation that is not a request, and the way out of it. */
export function OperationPanel({ operation }: { readonly operation: OperationView }): ReactNode {
  const state = useVaultState()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const people = [...state.persons, ...(state.setup?.plan.people ?? []), ...(state.change?.change.people ?? [])]
  const nameOf = (id: string | null): string | undefined => people.find((person) => person.id === id)?.name
  const refusal = operation.refusals.at(-1)
  const refused = nameOf(refusal?.person ?? null)
  return (
    <div className="panel stack operation">
      {operation.stage !== 'working' && <KeyAndTouch active={operation.stage === 'tap'} />}
      <p className="instruction" role="status">
        {instruct(operation, nameOf(operation.person))}
      </p>
      <WhereToTap operation={operation} />
      {operation.need > 1 &&
        (operation.kind === 'reshare' && operation.stage === 'working' ? (
          <RecordProgress have={operation.have} need={operation.need} />
        ) : (
          <p className="quorum-words" role="status">
            {operation.have} of {operation.need}
          </p>
        ))}
      {listed.includes(operation.kind) && operation.taps.length > 0 && (
        <PeopleList
          label={operation.kind === 'prove' ? 'Tapped' : 'Signed'}
          people={operation.taps.map((tap) => ({
            key: `${tap.person} ${tap.at}`,
            name: nameOf(tap.person) ?? 'Somebody no longer listed',
            state: 'tapped',
            note: `${operation.kind === 'prove' ? 'tapped' : 'signed'} ${formatTime(tap.at)}`,
          }))}
        />
      )}
      <div role="status">
        {refusal !== undefined && (
          <div className="notice bad">
            <Icon name="stop" size={24} />
            <div>
              <p>{sentenceFor(refusal.code, refused === undefined ? {} : { person: refused })}</p>
              <CodePrint code={refusal.code} />
            </div>
          </div>
        )}
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button isDisabled={busy} onPress={() => void run(() => call['operation.cancel']({ operation: operation.id }))}>
          Cancel
        </Button>
      </div>
    </div>
  )
}

/** The screen of whatever is under way. */
export function OperationScreen(): ReactNode {
  const { operation } = useVaultState()
  if (operation === null)
    return (
      <Screen title="Nothing is under way">
        <p>Choose where to go above.</p>
      </Screen>
    )
  if (operation.request !== null) return <RequestPage operation={operation} request={operation.request} />
  return (
    <Screen title={titles[operation.kind]}>
      <OperationPanel operation={operation} />
    </Screen>
  )
}

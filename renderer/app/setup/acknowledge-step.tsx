/** Step 5: every custodian reads who holds what, and signs it. */
import type { ReactNode } from 'react'
import type { AppState } from '../../../shared/contracts/app.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { PeopleList } from '../../ui/people-list.tsx'
import { formatSeconds } from '../../ui/time.ts'
import { useAction } from '../../ui/use-action.ts'
import { OperationPanel } from '../operation-screen.tsx'
import { Screen } from '../screen.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { listOr } from '../waiting/waiting-words.ts'
import { allCustodians } from './plan.ts'

type Setup = NonNullable<AppState['setup']>

function PlanSummary({ setup }: { readonly setup: Setup }): ReactNode {
  const { plan } = setup
  const nameOf = (id: string): string =>
    plan.people.find((person) => person.id === id)?.name ?? 'Somebody no longer listed'
  return (
    <div className="panel stack-tight">
      <h2>What they sign</h2>
      <dl className="facts">
        {plan.safes.map((safe) => (
          <div key={safe.id} className="contents">
            <dt>{safe.name}</dt>
            <dd>
              Any {safe.threshold} of {safe.custodians.map(nameOf).join(', ')}; open for{' '}
              {formatSeconds(safe.policy.windowSecondsMin)} to {formatSeconds(safe.policy.windowSecondsMax)}
              {safe.policy.delay !== undefined &&
                `; a request waits ${formatSeconds(safe.policy.delay.seconds)}, and ${listOr(safe.policy.delay.vetoers.map(nameOf))} can stop it meanwhile`}
            </dd>
          </div>
        ))}
        <dt>Later changes</dt>
        <dd>{plan.quorum} custodians must sign them</dd>
        <dt>People</dt>
        <dd>{plan.people.map(({ name }) => name).join(', ')}</dd>
      </dl>
    </div>
  )
}

/** The last step; when the last custodian has signed, the vault is ready. */
export function AcknowledgeStep({ setup, onBack }: { readonly setup: Setup; readonly onBack: () => void }): ReactNode {
  const { call } = useStore()
  const { operation } = useVaultState()
  const { run, busy, error } = useAction()
  const custodians = allCustodians(setup.plan.safes)
  const signed = custodians.filter((id) => setup.acknowledged.includes(id))
  const people = custodians.map((id) => ({
    key: id,
    name: setup.plan.people.find((person) => person.id === id)?.name ?? 'Somebody no longer listed',
    state: signed.includes(id) ? ('tapped' as const) : ('waiting' as const),
    note: signed.includes(id) ? 'signed' : 'has yet to sign',
  }))
  return (
    <Screen
      title="Acknowledge"
      lead="Each custodian reads this, then touches a key to sign it. From then on nobody can change it alone."
    >
      {operation === null ? (
        <div className="stack measure">
          <PlanSummary setup={setup} />
          <p role="status" className="soft">
            {signed.length} of {custodians.length} custodians have signed.
          </p>
          <PeopleList people={people} label="Custodians" />
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
          <div className="row">
            <Button
              look="primary"
              size="big"
              isDisabled={busy}
              onPress={() => void run(() => call['setup.acknowledge']({}))}
            >
              Collect acknowledgements
            </Button>
            <Button look="quiet" onPress={onBack}>
              Go back to the keys
            </Button>
          </div>
        </div>
      ) : (
        <OperationPanel operation={operation} />
      )}
    </Screen>
  )
}

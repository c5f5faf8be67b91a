/** A change that is prepared: what it says, whose keys are missing, who will have to tap; then it is signed, or discarded. */
import { useState, type ReactNode } from 'react'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { formatNumber } from '../../ui/time.ts'
import { useAction } from '../../ui/use-action.ts'
import { checkLabels, KeyLabels, usualLabels } from '../keys/key-labels.tsx'
import { usePersonName } from '../ceremonies/use-names.ts'
import { Screen } from '../screen.tsx'
import { tidy } from '../setup/plan.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { ChangeLines } from './change-lines.tsx'

type Missing = ChangeView['missing'][number]

function MissingRow({ missing }: { readonly missing: Missing }): ReactNode {
  const { call } = useStore()
  const { operation, safes, change } = useVaultState()
  const { run, busy, error } = useAction()
  const [labels, setLabels] = useState<readonly string[]>(usualLabels)
  const [editing, setEditing] = useState(false)
  const { person, name, kind } = missing
  const problem = kind === 'new' ? checkLabels(labels) : null
  const planned = [...safes, ...(change?.change.safes ?? [])]
  const safeNames = missing.safes.map((id) => planned.find((safe) => safe.id === id)?.name ?? 'a safe').join(', ')
  return (
    <li className="change-person stack-tight">
      <div className="spread">
        <div>
          <h3>{name}</h3>
          <p className="small soft">
            {kind === 'new'
              ? `Comes with new keys: ${labels.map(tidy).join(', ')}`
              : `Has keys already; one of them gets into: ${safeNames}`}
          </p>
        </div>
        <div className="row change-actions">
          {kind === 'new' && (
            <Button
              look="quiet"
              size="little"
              aria-expanded={editing}
              aria-label={`Name the keys of ${name}`}
              onPress={() => setEditing(!editing)}
            >
              Name the keys
            </Button>
          )}
          <Button
            look="primary"
            aria-label={`${kind === 'new' ? 'Enrol keys' : 'Bring a key'}: ${name}`}
            isDisabled={busy || operation !== null || problem !== null}
            onPress={() =>
              void run(() => call['people.enrol']({ person, labels: kind === 'new' ? labels.map(tidy) : [] }))
            }
          >
            {kind === 'new' ? 'Enrol keys' : 'Bring a key'}
          </Button>
        </div>
      </div>
      {editing && <KeyLabels name={name} labels={labels} onChange={setLabels} />}
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}

/** Who must be here in the end. */
function WhoTaps({ change }: { readonly change: ChangeView }): ReactNode {
  const nameOf = usePersonName()
  return (
    <dl className="facts">
      <dt>Sign for the change</dt>
      <dd>
        any {change.signers.quorum} of {change.signers.from.map(nameOf).join(', ')}
      </dd>
      {change.checkers.length > 0 && (
        <>
          <dt>Check their new share</dt>
          <dd>all of {change.checkers.map(nameOf).join(', ')}</dd>
        </>
      )}
      <dt>Sealed anew</dt>
      <dd>
        {change.records === 0
          ? 'nothing'
          : `${formatNumber(change.records)} ${change.records === 1 ? 'record' : 'records'}, without anybody seeing them`}
      </dd>
      {change.leavers.length > 0 && (
        <>
          <dt>Lose their shares</dt>
          <dd>{change.leavers.map(nameOf).join(', ')}</dd>
        </>
      )}
    </dl>
  )
}

function Discard(): ReactNode {
  const { call, go } = useStore()
  const { operation } = useVaultState()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState(false)
  const discard = async (): Promise<void> => {
    if (await run(() => call['people.discard']({}))) go({ name: 'people' })
  }
  return (
    <>
      <Button look="quiet" isDisabled={busy || operation !== null} onPress={() => setAsking(true)}>
        Discard it
      </Button>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <AskDialog
        title="Discard this change?"
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirm={{ label: 'Discard it', danger: true, onPress: () => void discard() }}
      >
        <p>Everybody holds what they held. Keys that were enrolled for it are forgotten.</p>
      </AskDialog>
    </>
  )
}

export function PreparedChange({
  change,
  onEdit,
}: {
  readonly change: ChangeView
  readonly onEdit: () => void
}): ReactNode {
  const { call, go } = useStore()
  const { operation, ceremony } = useVaultState()
  const { run, busy, error } = useAction()
  const nameOf = usePersonName()
  const { missing, enrolled, leavers } = change
  return (
    <Screen
      title="A change is prepared"
      lead="It is kept, also over a restart, until it is in force or discarded. Until then everybody holds what they hold now."
    >
      <div className="stack-wide measure-wide">
        <section className="panel stack-tight" aria-labelledby="says">
          <h2 id="says">What it says</h2>
          <ChangeLines change={change} />
          {enrolled.length === 0 && (
            <div className="row">
              <Button size="little" look="quiet" onPress={onEdit}>
                Make it up anew
              </Button>
            </div>
          )}
        </section>
        <section className="stack-tight" aria-labelledby="missing">
          <h2 id="missing">1. Keys</h2>
          {missing.length === 0 && (
            <p className="row done-line">
              <Icon name="check" /> Everybody’s keys are there.
            </p>
          )}
          <ul className="plain-list framed-list">
            {missing.map((one) => (
              <MissingRow key={one.person} missing={one} />
            ))}
            {enrolled.map(({ person, labels }) => (
              <li key={person} className="change-person spread">
                <div>
                  <h3>{nameOf(person)}</h3>
                  <p className="small soft">{labels.length > 0 ? labels.join(', ') : 'with a key they have'}</p>
                </div>
                <span className="badge ok">
                  <Icon name="check" size={14} /> Is there
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section className="stack-tight" aria-labelledby="signing">
          <h2 id="signing">2. Signatures and shares</h2>
          <WhoTaps change={change} />
          {leavers.length > 0 && (
            <Notice tone="warn">
              <p>
                Who leaves may still have an old copy of this vault, and their old share opens that. So change the
                credentials themselves afterwards; Halligan lists them.
              </p>
            </Notice>
          )}
        </section>
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        <div className="row">
          <Button
            look="primary"
            size="big"
            isDisabled={busy || operation !== null || missing.length > 0}
            onPress={() => void run(() => call['people.apply']({}))}
          >
            Sign and switch
          </Button>
          {ceremony === null && (
            <Button
              isDisabled={operation !== null}
              onPress={() => go({ name: 'plan-ceremony', kind: 'people', chosen: [] })}
            >
              Do it in a ceremony
            </Button>
          )}
          <Discard />
        </div>
      </div>
    </Screen>
  )
}

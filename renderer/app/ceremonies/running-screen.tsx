/** A ceremony that is open: the script on the left, the step that is on at the right. */
import { useState, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { Button } from '../../ui/button.tsx'
import { When } from '../../ui/when.tsx'
import { Screen } from '../screen.tsx'
import { useVaultState } from '../use-app.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { describePlace } from './ceremony-words.ts'
import { ClosingPanel } from './closing-panel.tsx'
import { Exceptions } from './exceptions.tsx'
import { RunningScript } from './script-list.tsx'
import { StepPanel } from './step-panel.tsx'
import { usePersonName } from './use-names.ts'

function Progress({ ceremony }: { readonly ceremony: CeremonyView }): ReactNode {
  const { now, steps } = ceremony
  return (
    <div className="progress">
      <strong>{describePlace(ceremony)}</strong>
      <div className="track" aria-hidden="true">
        <div className="fill" style={{ width: `${(now / steps.length) * 100}%` }} />
      </div>
    </div>
  )
}

export function RunningScreen({ ceremony }: { readonly ceremony: CeremonyView }): ReactNode {
  const nameOf = usePersonName()
  const { operation } = useVaultState()
  const [cancelling, setCancelling] = useState(false)
  // The step that was on when the screen came: later ones take the focus when they come, the first one leaves it to the heading.
  const [first] = useState(ceremony.now)
  const step = ceremony.steps[ceremony.now]
  return (
    <Screen
      title={ceremony.title}
      className="running"
      lead={
        <>
          Led by {nameOf(ceremony.lead)}
          {ceremony.witnesses.length > 0 && <>, witnessed by {ceremony.witnesses.map(nameOf).join(', ')}</>}. Opened{' '}
          <When at={ceremony.openedAt} />.
        </>
      }
      actions={
        <Button look="quiet" isDisabled={operation !== null} onPress={() => setCancelling(true)}>
          Give it up…
        </Button>
      }
    >
      <div className="running-columns">
        <aside className="running-script" aria-label="Script">
          <Progress ceremony={ceremony} />
          <RunningScript ceremony={ceremony} />
        </aside>
        <div className="running-step" tabIndex={0} role="group" aria-label="The step that is on">
          {step === undefined ? (
            <ClosingPanel ceremony={ceremony} />
          ) : (
            <StepPanel key={ceremony.now} ceremony={ceremony} step={step} takesFocus={ceremony.now !== first} />
          )}
          <Exceptions ceremony={ceremony} />
        </div>
      </div>
      <CancelDialog ceremony={ceremony} isOpen={cancelling} onClose={() => setCancelling(false)} />
    </Screen>
  )
}

/** The step that is on: who, what to do, what there is to see of it, and finishing it. */
import { useEffect, useRef, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { Icon } from '../../ui/pictures.tsx'
import { describePlace, describeRole } from './ceremony-words.ts'
import { FinishForm } from './finish-form.tsx'
import { StepTask } from './step-task.tsx'
import { usePersonName } from './use-names.ts'

interface Props {
  readonly ceremony: CeremonyView
  readonly step: CeremonyView['steps'][number]
  /** Whether its title takes the focus: where it follows another one that was finished here. */
  readonly takesFocus: boolean
}

export function StepPanel({ ceremony, step, takesFocus }: Props): ReactNode {
  const nameOf = usePersonName()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takesFocus) heading.current?.focus()
  }, [takesFocus])
  const isTask = step.task.kind !== 'confirm' && step.task.kind !== 'read-head'
  return (
    <section className="panel stack step-panel" aria-labelledby="step">
      <div className="stack-tight">
        <p className="step-who">
          <Icon name="right" size={16} /> {describeRole(step, nameOf)}
          <span className="sr-only">, {describePlace(ceremony)}</span>
        </p>
        <h2 id="step" ref={heading} tabIndex={-1}>
          {step.title}
        </h2>
        <p className="step-instruction">{step.instruction}</p>
      </div>
      <StepTask ceremony={ceremony} step={step} />
      {isTask && (
        <p className={step.isBroughtAbout ? 'step-state done' : 'step-state'} role="status">
          <Icon name={step.isBroughtAbout ? 'check' : 'waiting'} size={20} />
          <span>{step.state ?? (step.isBroughtAbout ? 'It has happened, and the log says so.' : 'Not yet.')}</span>
        </p>
      )}
      <FinishForm ceremony={ceremony} step={step} />
    </section>
  )
}

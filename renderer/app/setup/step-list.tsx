/** The script of the set-up, on the left: which step this is, which are done, which are left. */
import type { ReactNode } from 'react'
import { Icon } from '../../ui/pictures.tsx'

const steps = [
  { id: 'name', label: 'Name', hint: 'Vault and machine' },
  { id: 'people', label: 'People', hint: 'Who takes part' },
  { id: 'safes', label: 'Safes and policy', hint: 'How many must agree' },
  { id: 'keys', label: 'Security keys', hint: 'Two for each person' },
  { id: 'acknowledge', label: 'Acknowledge', hint: 'Every custodian signs' },
] as const

export type SetupStep = (typeof steps)[number]['id']

const placeOf = (step: SetupStep): number => steps.findIndex(({ id }) => id === step)

interface Props {
  readonly current: SetupStep
  /** The furthest step reached: all before it are done. */
  readonly reached: SetupStep
  readonly onGo?: (step: SetupStep) => void
  /** Steps that may be gone back to. */
  readonly open?: readonly SetupStep[]
}

/** The list of steps. */
export function StepList({ current, reached, onGo, open = [] }: Props): ReactNode {
  const left = steps.length - placeOf(current)
  return (
    <nav className="step-list" aria-label="Steps of the set-up">
      <p className="soft small">
        Step {placeOf(current) + 1} of {steps.length}
        {left === 1 ? ', the last' : `, ${left - 1} to go after this`}
      </p>
      <ol className="plain-list">
        {steps.map((step, index) => {
          const isDone = index < placeOf(reached)
          const isCurrent = step.id === current
          const content = (
            <>
              <span className="step-mark">{isDone ? <Icon name="check" size={18} /> : index + 1}</span>
              <span className="step-words">
                <span className="step-label">
                  {step.label}
                  {isDone && <span className="sr-only"> (done)</span>}
                </span>
                <span className="soft small">{step.hint}</span>
              </span>
            </>
          )
          return (
            <li key={step.id} className={isDone ? 'done' : ''} aria-current={isCurrent ? 'step' : undefined}>
              {onGo !== undefined && open.includes(step.id) && !isCurrent ? (
                <button type="button" className="step" onClick={() => onGo(step.id)}>
                  {content}
                </button>
              ) : (
                <span className="step">{content}</span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

/** A script: its steps in order, with who does each; of a running one also who did it, and when. */
import { useEffect, useRef, type ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import { Icon } from '../../ui/pictures.tsx'
import { readMoment } from '../../ui/time.ts'
import { describeRole } from './ceremony-words.ts'
import { usePersonName } from './use-names.ts'

type Finished = NonNullable<CeremonyView['steps'][number]['finished']>

/** A day is told only where it is another than that of the step before. */
function FinishedLine({ finished, since }: { readonly finished: Finished; readonly since: string }): ReactNode {
  const { date, time } = readMoment(finished.at)
  return (
    <span className="small soft">
      {finished.result === 'excepted' && <strong>left out, </strong>}
      {finished.initials}, {date === readMoment(since).date ? '' : `${date}, `}
      <time dateTime={finished.at}>{time}</time>
    </span>
  )
}

/** The script of a ceremony that is open; the step that is on is kept in sight. */
export function RunningScript({ ceremony }: { readonly ceremony: CeremonyView }): ReactNode {
  const nameOf = usePersonName()
  const current = useRef<HTMLLIElement>(null)
  const { now, steps, openedAt } = ceremony
  useEffect(() => {
    const item = current.current
    const list = item?.parentElement
    // Not scrollIntoView: that would move the whole page where it is long.
    if (item !== null && list) list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 3
  }, [now])
  return (
    <ol className="plain-list script" tabIndex={0} aria-label="Script">
      {steps.map((step, index) => {
        const { finished } = step
        const isNow = index === now
        return (
          <li
            key={index}
            ref={isNow ? current : null}
            className={finished === null ? 'script-step' : `script-step ${finished.result}`}
            aria-current={isNow ? 'step' : undefined}
          >
            <span className="script-mark">
              {finished === null ? index + 1 : <Icon name={finished.result === 'done' ? 'check' : 'minus'} size={16} />}
            </span>
            <span className="script-words">
              <span className="script-title">
                {step.title}
                {finished?.result === 'done' && <span className="sr-only"> (done)</span>}
              </span>
              {finished === null ? (
                <span className="small soft">{describeRole(step, nameOf)}</span>
              ) : (
                <FinishedLine finished={finished} since={steps[index - 1]?.finished?.at ?? openedAt} />
              )}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

/** A script to read beforehand. */
export function DraftScript({ script }: { readonly script: readonly ScriptStep[] }): ReactNode {
  const nameOf = usePersonName()
  return (
    <ol className="plain-list script draft" tabIndex={0} aria-label="Script">
      {script.map((step, index) => (
        <li key={index} className="script-step">
          <span className="script-mark">{index + 1}</span>
          <span className="script-words">
            <span className="script-title">{step.title}</span>
            <span className="small soft">{describeRole(step, nameOf)}</span>
            <span className="small">{step.instruction}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** What was different from the script so far. */
import type { ReactNode } from 'react'
import type { CeremonyView } from '../../../shared/contracts/ceremony-views.ts'
import { When } from '../../ui/when.tsx'
import { usePersonName } from './use-names.ts'

type Exception = Pick<CeremonyView['exceptions'][number], 'step' | 'what' | 'decidedBy' | 'absent' | 'at'>

export function ExceptionList({ exceptions }: { readonly exceptions: readonly Exception[] }): ReactNode {
  const nameOf = usePersonName()
  return (
    <ul className="plain-list exceptions">
      {exceptions.map((exception, index) => (
        <li key={index}>
          <p>
            <strong>{exception.step === null ? 'The ceremony as a whole' : `Step ${exception.step + 1}`}:</strong>{' '}
            {exception.what}
          </p>
          <p className="small soft">
            Decided by {nameOf(exception.decidedBy)}, <When at={exception.at} />.
            {exception.absent !== null && ` ${nameOf(exception.absent)} has left and does not sign.`}
          </p>
        </li>
      ))}
    </ul>
  )
}

export function Exceptions({ ceremony }: { readonly ceremony: CeremonyView }): ReactNode {
  if (ceremony.exceptions.length === 0) return null
  return (
    <section className="stack-tight" aria-labelledby="exceptions">
      <h2 id="exceptions">Exceptions so far</h2>
      <ExceptionList exceptions={ceremony.exceptions} />
    </section>
  )
}

/** What a prepared change says, as everybody who signs it will read it. */
import type { ReactNode } from 'react'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'

export function ChangeLines({ change }: { readonly change: Pick<ChangeView, 'lines'> }): ReactNode {
  return (
    <dl className="facts change-lines">
      {change.lines.map(({ label, value }, index) => (
        <div key={index} className="contents">
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

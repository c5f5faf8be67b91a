/** On the first screen, above everything: requests that a quorum has approved and that wait. */
import type { ReactNode } from 'react'
import { ErrorNotice } from '../../ui/notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useVaultState } from '../use-app.ts'
import { WaitingCard } from './waiting-card.tsx'

/** Nothing while none waits; a refusal stays in sight also when the request that it is about is gone. */
export function WaitingRequests(): ReactNode {
  const { waiting } = useVaultState()
  const action = useAction()
  const { error } = action
  return (
    <>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {waiting.length > 0 && (
        <section className="stack-tight" aria-labelledby="waiting">
          <h2 id="waiting">{waiting.length === 1 ? 'One request waits' : `${waiting.length} requests wait`}</h2>
          <ul className="plain-list waiting-requests">
            {waiting.map((one) => (
              <WaitingCard key={one.request} waiting={one} action={action} />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

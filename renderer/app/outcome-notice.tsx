/** The notice on top of a screen about what has just ended. */
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { CodePrint, Notice } from '../ui/notice.tsx'
import { describeOutcome } from './outcome-words.ts'
import { useModel, useStore, useVaultState } from './use-app.ts'

/** Shown until closed or until the next operation starts. */
export function OutcomeNotice(): ReactNode {
  const { lastOutcome, operation } = useVaultState()
  const { dismissed } = useModel()
  const { dismiss } = useStore()
  // The region is always there: a reader only hears what changes inside one.
  return (
    <div role="status" className="outcome">
      {lastOutcome !== null && operation === null && dismissed !== lastOutcome.operation && (
        <Notice tone={describeOutcome(lastOutcome).tone}>
          <div className="spread">
            <div className="outcome-text">
              <p>{describeOutcome(lastOutcome).text}</p>
              {lastOutcome.result === 'failed' && lastOutcome.code !== null && <CodePrint code={lastOutcome.code} />}
            </div>
            <Button
              look="quiet"
              size="little"
              aria-label="Close this notice"
              onPress={() => dismiss(lastOutcome.operation)}
            >
              Close
            </Button>
          </div>
        </Notice>
      )}
    </div>
  )
}

/** The notice on top of a screen about what has just ended. */
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { CodePrint, ErrorNotice, Notice } from '../ui/notice.tsx'
import { describeOutcome } from './outcome-words.ts'
import { useModel, useStore, useVaultState } from './use-app.ts'
import { useTapPlace } from './use-tap-place.ts'

/** The way out when the browser fails: the next tap takes place in our window. */
function TapInWindow(): ReactNode {
  const { place, action, set } = useTapPlace()
  if (place === null) return null
  if (place.place === 'window') return <p>The next tap takes place in a window of Halligan. Start again.</p>
  return (
    <>
      <Button
        size="little"
        isDisabled={action.busy}
        onPress={() => void set({ driver: 'window', browserPath: place.browserPath })}
      >
        Tap in the window instead
      </Button>
      {action.error !== null && <ErrorNotice code={action.error.code} detail={action.error.detail} />}
    </>
  )
}

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
              {lastOutcome.code?.startsWith('BROWSER_') === true && <TapInWindow />}
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

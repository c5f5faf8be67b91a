/** The notices on top of a screen about what has just ended. */
import type { ReactNode } from 'react'
import type { AppState } from '../../shared/contracts/app.ts'
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

type Outcome = NonNullable<AppState['lastOutcome']>

function OneOutcome({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const { dismiss } = useStore()
  const { tone, text } = describeOutcome(outcome)
  return (
    <Notice tone={tone}>
      <div className="spread">
        <div className="outcome-text">
          <p>{text}</p>
          {outcome.result === 'failed' && outcome.code !== null && <CodePrint code={outcome.code} />}
          {outcome.code?.startsWith('BROWSER_') === true && <TapInWindow />}
        </div>
        <Button look="quiet" size="little" aria-label="Close this notice" onPress={() => dismiss(outcome.operation)}>
          Close
        </Button>
      </div>
    </Notice>
  )
}

/** Shown until closed or until the next operation starts; of an export, which ends beside others, also after one. */
export function OutcomeNotice(): ReactNode {
  const { lastOutcome, exported, operation } = useVaultState()
  const { dismissed } = useModel()
  const outcomes = [lastOutcome, exported].filter((outcome) => outcome !== null)
  // The region is always there: a reader only hears what changes inside one.
  return (
    <div role="status" className="outcome">
      {operation === null &&
        outcomes
          .filter((outcome) => !dismissed.includes(outcome.operation))
          .map((outcome) => <OneOutcome key={outcome.operation} outcome={outcome} />)}
    </div>
  )
}

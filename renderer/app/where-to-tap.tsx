/** While a tap is asked for: that it takes place in the browser, and the way back into our window. */
import type { ReactNode } from 'react'
import type { OperationView } from '../../shared/contracts/app.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { useTapPlace } from './use-tap-place.ts'

/** Nothing where taps take place in our window: that lies before this one, and says all there is to say. */
export function WhereToTap({ operation }: { readonly operation: OperationView }): ReactNode {
  // Asked again for every tap: the place may be changed between two.
  const { place, action, set } = useTapPlace(`${operation.id} ${operation.stage} ${operation.taps.length}`)
  if (place?.place !== 'browser' || operation.stage !== 'tap') return null
  return (
    <Notice tone="info">
      <p>Go on in the browser window that has opened. It may stand behind this one.</p>
      <Button
        size="little"
        isDisabled={action.busy}
        onPress={() => void set({ driver: 'window', browserPath: place.browserPath })}
      >
        Tap in Halligan’s window instead
      </Button>
      {action.error !== null && <ErrorNotice code={action.error.code} detail={action.error.detail} />}
    </Notice>
  )
}

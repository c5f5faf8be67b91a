/** On every screen while alerts wait: somebody who should know does not know yet. */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { formatNumber } from '../../ui/time.ts'
import { useModel, useStore, useVaultState } from '../use-app.ts'

/** Nothing while the channels are being tried for the first time, or nothing waits. */
export function WaitingNotice(): ReactNode {
  const { view } = useModel()
  const { channels, waiting } = useVaultState().alerts
  const { go } = useStore()
  const isStuck = channels.some(({ problem, waiting: own }) => problem !== null && own > 0)
  if (waiting === 0 || !isStuck || view.name === 'alerts') return null
  return (
    <Notice tone="warn" live="status">
      <div className="spread">
        <p>
          {waiting === 1 ? 'One alert waits' : `${formatNumber(waiting)} alerts wait`} to leave: a channel cannot be
          reached. Tell people yourself if they must know now.
        </p>
        <Button size="little" onPress={() => go({ name: 'alerts' })}>
          Look at them
        </Button>
      </div>
    </Notice>
  )
}

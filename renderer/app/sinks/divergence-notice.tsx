/** Somebody rewrote one of two logs: said on every screen until it was looked into. */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { sentenceFor } from '../../ui/sentences.ts'
import { useStore, useVaultState } from '../use-app.ts'

/** One notice for each sink that holds another log. */
export function DivergenceNotice(): ReactNode {
  const { sinks } = useVaultState()
  const { go } = useStore()
  return sinks
    .filter(({ state }) => state === 'diverged')
    .map(({ id, name }) => (
      <Notice key={id} tone="bad" live="alert">
        <div className="spread">
          <p>
            <strong>Alarm.</strong> {sentenceFor('SINK_DIVERGED', { sink: name })}
          </p>
          <Button size="little" onPress={() => go({ name: 'sinks' })}>
            Look at it
          </Button>
        </div>
      </Notice>
    ))
}

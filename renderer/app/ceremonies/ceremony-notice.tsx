/** A ceremony is open: said on every screen but its own, also after a restart and on another day. */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { describePlace } from './ceremony-words.ts'

/** Nothing on the ceremony's own screen and while a step of it is under way. */
export function CeremonyNotice(): ReactNode {
  const { view } = useModel()
  const { ceremony } = useVaultState()
  const { go } = useStore()
  if (ceremony === null || view.name === 'ceremonies' || view.name === 'operation') return null
  return (
    <Notice tone="info" live="status">
      <div className="spread">
        <p>
          The ceremony “{ceremony.title}” is open.{' '}
          {ceremony.minutes === null ? `${describePlace(ceremony)}.` : 'Its minutes wait for signatures.'}
        </p>
        <Button size="little" onPress={() => go({ name: 'ceremonies' })}>
          Go on with it
        </Button>
      </div>
    </Notice>
  )
}

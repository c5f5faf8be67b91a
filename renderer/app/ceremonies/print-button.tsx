/** Makes a PDF of something, and says where it is. */
import { useState, type ReactNode } from 'react'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore } from '../use-app.ts'

interface Props {
  readonly what: Input<typeof appContract, 'print.make'>
  readonly label: string
  /** Said to readers where several have the same label. */
  readonly about?: string
  readonly size?: 'normal' | 'little'
}

export function PrintButton({ what, label, about, size = 'normal' }: Props): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [path, setPath] = useState<string | null>(null)
  const print = (): void =>
    void run(async () => {
      const made = await call['print.make'](what)
      setPath(made?.path ?? null)
    })
  return (
    <>
      <Button
        size={size}
        isDisabled={busy}
        {...(about === undefined ? {} : { 'aria-label': `${label}: ${about}` })}
        onPress={print}
      >
        {label}
      </Button>
      <span role="status" className="small soft printed">
        {busy ? 'Making the document…' : path !== null && `It is here: ${path}`}
      </span>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </>
  )
}

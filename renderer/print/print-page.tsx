/** One document on paper. */
import { useEffect, type ReactNode } from 'react'
import type { Printed } from '../../shared/contracts/print.ts'
import { AlertSlip } from './alert-slip.tsx'
import { Kit } from './kit.tsx'
import { Minutes } from './minutes.tsx'
import { Script } from './script.tsx'

function Sheet({ printed }: { readonly printed: Printed }): ReactNode {
  switch (printed.document) {
    case 'minutes':
      return <Minutes printed={printed} />
    case 'script':
      return <Script printed={printed} />
    case 'kit':
      return <Kit printed={printed} />
    case 'alert-slip':
      return <AlertSlip printed={printed} />
  }
}

/** @param onDrawn called when it stands there, with its fonts */
export function PrintPage({
  printed,
  onDrawn,
}: {
  readonly printed: Printed
  readonly onDrawn: () => void
}): ReactNode {
  useEffect(() => {
    let isGone = false
    void document.fonts.ready.then(() => {
      if (!isGone) onDrawn()
    })
    return () => {
      isGone = true
    }
  }, [onDrawn])
  return (
    <main>
      <Sheet printed={printed} />
    </main>
  )
}

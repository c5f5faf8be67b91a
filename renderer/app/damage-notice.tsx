/** Something at rest does not check: said on top of every screen, since nothing can be opened. */
import type { ReactNode } from 'react'
import { CodePrint, Notice } from '../ui/notice.tsx'
import { sentenceFor } from '../ui/sentences.ts'
import { useVaultState } from './use-app.ts'

/** What is wrong and what still works. */
export function DamageNotice(): ReactNode {
  const { damage } = useVaultState()
  const code = damage?.code ?? 'VAULT_DAMAGED'
  return (
    <Notice tone="bad" live="alert">
      <h2>This vault is damaged; nothing can be opened</h2>
      <p>{sentenceFor(code, damage?.detail)}</p>
      <p>Nothing was deleted: the timeline can still be read, verified and exported.</p>
      <CodePrint code={code} />
    </Notice>
  )
}

/** Something at rest does not check: said where people look first, and on every screen when nothing can be opened. */
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
      <p>
        Nothing was deleted: the timeline can still be read and verified, and the command “halligan export” writes out
        all that is here.
      </p>
      <CodePrint code={code} />
    </Notice>
  )
}

/** The log does not check, and what does check can still be opened: for an emergency, not for every day. */
export function BrokenLogNotice(): ReactNode {
  const { damage } = useVaultState()
  return (
    <Notice tone="bad" live="status">
      <h2>Something in this vault is not as it was written</h2>
      <p>
        {damage?.code === 'LOG_INVALID'
          ? 'The audit log was changed or damaged; “Verify now” in the timeline names the place.'
          : 'The vault could not be read as a whole, so not everything in it was checked.'}{' '}
        In an emergency you can still break the glass: each credential is checked by itself, and this finding is on
        record. Export the log, then restore the vault from a good copy.
      </p>
      <CodePrint code={damage?.code ?? 'LOG_INVALID'} />
    </Notice>
  )
}

/** More about one credential: whether it was proven to open, and its older versions until they are erased. */
import { useState, type ReactNode } from 'react'
import type { CredentialView } from '../../shared/contracts/app.ts'
import { AskDialog } from '../ui/ask-dialog.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Select } from '../ui/select.tsx'
import { useAction } from '../ui/use-action.ts'
import { When } from '../ui/when.tsx'
import { useStore, useVaultState } from './use-app.ts'

interface EraseProps {
  readonly credential: CredentialView
  readonly version: number | null
  readonly onClose: () => void
}

/** Asks who erases it: their key signs. */
function EraseDialog({ credential, version, onClose }: EraseProps): ReactNode {
  const { persons, safes } = useVaultState()
  const { call } = useStore()
  const { run, error } = useAction()
  const [person, setPerson] = useState<string | null>(null)
  const holders = safes.find(({ id }) => id === credential.safe)?.custodians ?? []
  const able = persons.filter(
    ({ id, roles, keys }) => keys.length > 0 && (holders.includes(id) || roles.includes('lead')),
  )
  return (
    <>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <AskDialog
        title={`Erase version ${String(version ?? '')} of ${credential.name}?`}
        isOpen={version !== null}
        onClose={onClose}
        confirm={{
          label: 'Sign and erase it',
          danger: true,
          isDisabled: person === null,
          onPress: () => {
            if (version !== null && person !== null)
              void run(() => call['credential.destroy']({ credential: credential.id, version, person }))
          },
        }}
      >
        <p>
          Its bytes are overwritten in this vault and nothing brings them back. Copies of the vault made before still
          hold it. The log keeps that it was there, and who erased it.
        </p>
        <Select label="Who erases it?" options={able} value={person} onChange={setPerson} placeholder="Choose" />
      </AskDialog>
    </>
  )
}

export function CredentialDetails({ credential }: { readonly credential: CredentialView }): ReactNode {
  const { operation, phase } = useVaultState()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [erasing, setErasing] = useState<number | null>(null)
  const { provenAt, olderVersions, name, rotationNote } = credential
  const isBlocked = busy || operation !== null || phase === 'damaged'
  const prove = (): void =>
    void run(() =>
      call['credential.prove']({ purpose: 'rotation', safe: credential.safe, credentials: [credential.id] }),
    )
  return (
    <div className="credential-details stack-tight" role="group" aria-label={`More about ${name}`}>
      <div className="spread">
        <p>
          {provenAt === null ? (
            'This version was never proven to open.'
          ) : (
            <>
              Proven to open <When at={provenAt} />.
            </>
          )}{' '}
          <span className="soft small">A proof needs a quorum’s taps and reveals nothing.</span>
        </p>
        <Button size="little" aria-label={`Prove that it opens: ${name}`} isDisabled={isBlocked} onPress={prove}>
          Prove that it opens
        </Button>
      </div>
      <div>
        <h3 className="rotation-head">How it is rotated</h3>
        <p className={rotationNote === null ? 'soft small' : 'rotation-note'}>
          {rotationNote ?? 'Nothing is written down. It can be with the next version.'}
        </p>
      </div>
      {olderVersions.length === 0 ? (
        <p className="soft small">No older version is left.</p>
      ) : (
        <ul className="plain-list older-versions" aria-label={`Older versions of ${name}`}>
          {olderVersions.map(({ version, sealedAt }) => (
            <li key={version} className="spread">
              <span>
                Version {version}, sealed <When at={sealedAt} />
              </span>
              <Button
                size="little"
                look="quiet"
                aria-label={`Erase it: version ${version} of ${name}`}
                isDisabled={isBlocked || provenAt === null}
                onPress={() => setErasing(version)}
              >
                Erase it
              </Button>
            </li>
          ))}
        </ul>
      )}
      {olderVersions.length > 0 && provenAt === null && (
        <p className="soft small">Older versions can be erased once the newest was proven to open.</p>
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <EraseDialog credential={credential} version={erasing} onClose={() => setErasing(null)} />
    </div>
  )
}

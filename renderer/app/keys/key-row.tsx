/** One security key: what it is, when it last proved itself, and what can be done with it. */
import { useState, type ReactNode } from 'react'
import type { AppState } from '../../../shared/contracts/app.ts'
import { AskDialog } from '../../ui/ask-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { formatDate } from '../../ui/time.ts'
import { useAction } from '../../ui/use-action.ts'
import { When } from '../../ui/when.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { checkLabel, describeModel, describeTransports, type KeyView } from './key-words.ts'
import { LabelForm } from './label-form.tsx'

type Person = AppState['persons'][number]

function KeyFacts({ security }: { readonly security: KeyView }): ReactNode {
  const transports = describeTransports(security)
  return (
    <p className="soft small key-facts">
      <span>{describeModel(security)}</span>
      {transports !== '' && <span>{transports}</span>}
      <span>enrolled {formatDate(security.enrolledAt)}</span>
      <span>
        {security.lastProvenAt === null ? (
          'not used or tested since'
        ) : (
          <>
            last proved itself <When at={security.lastProvenAt} />
          </>
        )}
      </span>
    </p>
  )
}

export function KeyRow({ person, security }: { readonly person: Person; readonly security: KeyView }): ReactNode {
  const { call } = useStore()
  const { operation, safes } = useVaultState()
  const { run, busy, error } = useAction()
  const [renaming, setRenaming] = useState(false)
  const [retiring, setRetiring] = useState(false)
  const { credentialId: key, label } = security
  const isDisabled = busy || operation !== null
  const about = `“${label}” of ${person.name}`
  const hasPassphrase = safes.some(
    ({ custodians, policy }) => policy.passphrase === true && custodians.includes(person.id),
  )
  return (
    <li className="key-row stack-tight">
      <div className="key-head">
        <div>
          <h4>{label}</h4>
          <KeyFacts security={security} />
        </div>
        <div className="row key-actions">
          <Button
            size="little"
            aria-label={`Test ${about}`}
            isDisabled={isDisabled}
            onPress={() => void run(() => call['keys.test']({ person: person.id, key }))}
          >
            Test
          </Button>
          {hasPassphrase && (
            <Button
              size="little"
              look="quiet"
              aria-label={`Change the passphrase of ${about}`}
              isDisabled={isDisabled}
              onPress={() => void run(() => call['keys.passphrase']({ person: person.id, key }))}
            >
              Passphrase
            </Button>
          )}
          <Button
            size="little"
            look="quiet"
            aria-label={`Rename ${about}`}
            aria-expanded={renaming}
            isDisabled={isDisabled}
            onPress={() => setRenaming(!renaming)}
          >
            Rename
          </Button>
          <Button
            size="little"
            look="quiet"
            aria-label={`Retire ${about}`}
            isDisabled={isDisabled}
            onPress={() => setRetiring(true)}
          >
            Retire
          </Button>
        </div>
      </div>
      {security.counterWentBack && (
        <Notice tone="bad">
          <p>
            The counter of this key went back when it was last used: somebody may have a copy of it. It still works.
            Find out where it has been, and when in doubt retire it.
          </p>
        </Notice>
      )}
      {renaming && (
        <LabelForm
          title={`Rename ${about}`}
          label="New name"
          start={label}
          hint={`${person.name} signs it with a key of theirs.`}
          confirm="Sign the new name"
          check={(next) => checkLabel(next, person.keys, label)}
          onGiven={(next) => call['keys.rename']({ person: person.id, key, label: next })}
          onClose={() => setRenaming(false)}
        />
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <AskDialog
        title={`Retire ${about}?`}
        isOpen={retiring}
        onClose={() => setRetiring(false)}
        confirm={{
          label: 'Collect the signatures',
          danger: true,
          onPress: () => void run(() => call['keys.retire']({ person: person.id, key })),
        }}
      >
        <p>
          For a key that is lost, broken or in wrong hands. As many custodians as any change needs must sign. Then it
          opens nothing in this vault any more, and what was stored for it is erased; copies made before still open with
          it. This cannot be taken back: should it be found, it is enrolled like a new one.
        </p>
      </AskDialog>
    </li>
  )
}

/** The home of a vault in use: every credential, and "Break glass" on each. */
import { useState, type ReactNode } from 'react'
import type { CredentialView } from '../../shared/contracts/app.ts'
import { Button } from '../ui/button.tsx'
import { kindNames } from '../../shared/audit/entry-sentences.ts'
import { Icon } from '../ui/pictures.tsx'
import { TextField } from '../ui/text-field.tsx'
import { formatDate, formatDaysUntil, formatNumber, formatSeconds } from '../ui/time.ts'
import { CredentialDetails } from './credential-details.tsx'
import { BrokenLogNotice } from './damage-notice.tsx'
import { DuePanel } from './due/due-panel.tsx'
import { Screen } from './screen.tsx'
import { rotationOf } from './status-words.ts'
import { useModel, useNow, useStore, useVaultState } from './use-app.ts'
import { WaitingRequests } from './waiting/waiting-requests.tsx'

/** Rows drawn at once: a vault may hold 10,000. */
const pageSize = 100

function RotationBadge({ credential, now }: { readonly credential: CredentialView; readonly now: number }): ReactNode {
  const days = formatDaysUntil(credential.rotationDueAt, now)
  switch (rotationOf(credential, now)) {
    case 'fresh':
      return (
        <span className="badge ok">
          <Icon name="check" size={14} /> Fresh, rotate {days}
        </span>
      )
    case 'due':
      return (
        <span className="badge warn">
          <Icon name="clock" size={14} /> Rotation due {days}
        </span>
      )
    case 'used':
      return (
        <span className="badge warn">
          <Icon name="warn" size={14} /> Used, rotate now
        </span>
      )
    case 'leaver':
      return (
        <span className="badge warn">
          <Icon name="warn" size={14} /> A custodian has left, rotate now
        </span>
      )
  }
}

function CredentialRow({ credential, now }: { readonly credential: CredentialView; readonly now: number }): ReactNode {
  const state = useVaultState()
  const { go } = useStore()
  const safe = state.safes.find(({ id }) => id === credential.safe)
  const isBlocked = state.operation !== null || state.phase === 'damaged'
  const [open, setOpen] = useState(false)
  return (
    <li className="credential">
      <div className="credential-what">
        <h2>{credential.name}</h2>
        <p className="soft small">
          {kindNames[credential.kind]} ·{' '}
          {safe === undefined ? 'Unknown safe' : `${safe.name}, ${safe.threshold} of ${safe.custodians.length} open it`}{' '}
          · version {credential.version}, sealed {formatDate(credential.sealedAt)}
        </p>
        <p className="row badges">
          {credential.damage !== null && (
            <span className="badge bad">
              <Icon name="stop" size={14} /> Damaged: {credential.damage}
            </span>
          )}
          <RotationBadge credential={credential} now={now} />
          {safe?.policy.delay !== undefined && (
            <span className="badge">
              <Icon name="clock" size={14} /> Waits {formatSeconds(safe.policy.delay.seconds)} before it opens
            </span>
          )}
          {safe?.drilled === false && (
            <span className="badge warn">
              <Icon name="warn" size={14} /> Not yet drilled
            </span>
          )}
        </p>
      </div>
      <div className="credential-do">
        <Button
          look="quiet"
          aria-label={`More: ${credential.name}`}
          aria-expanded={open}
          onPress={() => setOpen(!open)}
        >
          More
        </Button>
        <Button
          look="quiet"
          aria-label={`Seal a new version: ${credential.name}`}
          isDisabled={isBlocked}
          onPress={() => go({ name: 'seal', credential: credential.id })}
        >
          Seal a new version
        </Button>
        <Button
          look="primary"
          size="big"
          aria-label={`Break glass: ${credential.name}`}
          isDisabled={isBlocked}
          onPress={() => go({ name: 'break-glass', credential: credential.id })}
        >
          Break glass
        </Button>
      </div>
      {open && <CredentialDetails credential={credential} />}
    </li>
  )
}

function Empty(): ReactNode {
  const { go } = useStore()
  const { operation, phase } = useVaultState()
  return (
    <div className="panel empty">
      <h2>Nothing is sealed yet</h2>
      <ol className="teach">
        <li>
          Take one credential that you would need if everything else were down: a root password, a recovery code, an SSH
          key.
        </li>
        <li>Seal it here, with a runbook that says how to use it. Sealing needs one person’s tap; no quorum.</li>
        <li>Then break the glass once as a drill, so that you know it works before you need it.</li>
      </ol>
      <Button
        look="primary"
        size="big"
        isDisabled={operation !== null || phase === 'damaged'}
        onPress={() => go({ name: 'seal', credential: null })}
      >
        Seal a credential
      </Button>
    </div>
  )
}

const matches = (credential: CredentialView, search: string): boolean =>
  `${credential.name} ${kindNames[credential.kind]}`.toLowerCase().includes(search.trim().toLowerCase())

function CredentialList({ credentials }: { readonly credentials: readonly CredentialView[] }): ReactNode {
  const [search, setSearch] = useState('')
  const [rows, setRows] = useState(pageSize)
  const now = useNow(60_000)
  const found = credentials.filter((credential) => matches(credential, search))
  return (
    <div className="stack">
      <div className="search">
        <TextField
          type="search"
          label="Search"
          value={search}
          onChange={(text) => {
            setSearch(text)
            setRows(pageSize)
          }}
        />
        <p className="soft small" role="status">
          {found.length === credentials.length
            ? `${formatNumber(found.length)} ${found.length === 1 ? 'credential' : 'credentials'}`
            : `${formatNumber(found.length)} of ${formatNumber(credentials.length)} credentials`}
        </p>
      </div>
      {found.length === 0 ? (
        <p className="panel">Nothing here has that name. Search for another word, or clear the search.</p>
      ) : (
        <ul className="plain-list credentials">
          {found.slice(0, rows).map((credential) => (
            <CredentialRow key={credential.id} credential={credential} now={now} />
          ))}
        </ul>
      )}
      {found.length > rows && (
        <div>
          <Button onPress={() => setRows(rows + pageSize)}>Show {Math.min(pageSize, found.length - rows)} more</Button>
        </div>
      )}
    </div>
  )
}

/** The list of credentials. */
export function CredentialsScreen(): ReactNode {
  const { credentials } = useModel()
  const { operation, phase, damage } = useVaultState()
  const { go } = useStore()
  const isEmpty = credentials.length === 0
  const seal = (
    <Button
      isDisabled={operation !== null || phase === 'damaged'}
      onPress={() => go({ name: 'seal', credential: null })}
    >
      Seal a credential
    </Button>
  )
  return (
    <Screen title="Credentials" {...(isEmpty ? {} : { actions: seal })}>
      {phase === 'ready' && damage !== null && <BrokenLogNotice />}
      <WaitingRequests />
      <DuePanel />
      {isEmpty ? <Empty /> : <CredentialList credentials={credentials} />}
    </Screen>
  )
}

/** Asking for a credential: who, why, for how long. One page, one button. */
import { useState, type ReactNode } from 'react'
import type { CredentialView } from '../../shared/contracts/app.ts'
import { limits } from '../../shared/limits.ts'
import { Button } from '../ui/button.tsx'
import { ChooseOne } from '../ui/choices.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { Select } from '../ui/select.tsx'
import { TextField } from '../ui/text-field.tsx'
import { formatDate, formatSeconds } from '../ui/time.ts'
import { useAction } from '../ui/use-action.ts'
import { focusFirstInvalid } from '../ui/focus-invalid.ts'
import { Screen } from './screen.tsx'
import { useStore, useVaultState } from './use-app.ts'
import { listOr } from './waiting/waiting-words.ts'
import { defaultWindow, windowSteps } from './window-steps.ts'

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ')

function WhatHappensNext({ credential }: { readonly credential: CredentialView }): ReactNode {
  const { safes, persons } = useVaultState()
  const safe = safes.find(({ id }) => id === credential.safe)
  if (safe === undefined) return null
  const nameAll = (ids: readonly string[]): string[] =>
    persons.filter(({ id }) => ids.includes(id)).map(({ name }) => name)
  const names = nameAll(safe.custodians)
  const { delay } = safe.policy
  return (
    <aside className="panel next" aria-labelledby="next">
      <h2 id="next">What happens next</h2>
      <ol className="teach">
        <li>You touch your key: this opens the request and puts it on record.</li>
        <li>
          {safe.threshold} of the {names.length} custodians touch theirs
          {safe.policy.requesterMayTap ? '; yours counts if you are one.' : '; yours does not count as one of them.'}
        </li>
        {delay !== undefined && (
          <li>
            Then it waits {formatSeconds(delay.seconds)}: this safe is no help in an outage. Meanwhile{' '}
            {listOr(nameAll(delay.vetoers))} can stop it; after that a quorum touches their keys once more.
          </li>
        )}
        <li>The credential opens in a window of its own and closes by itself.</li>
      </ol>
      <h3>Custodians</h3>
      <p className="soft small custodian-names">{names.join(', ')}</p>
    </aside>
  )
}

/** More older versions than these stand in a list. */
const plainMax = 3

/** Only where there is an older one: a rotation may have stopped halfway, and the system still has the old secret. */
function VersionChoice({
  credential: { version, sealedAt, provenAt, olderVersions },
  value,
  onChange,
}: {
  readonly credential: CredentialView
  readonly value: number
  readonly onChange: (version: number) => void
}): ReactNode {
  if (olderVersions.length === 0) return null
  const proven = provenAt === null ? 'not proven yet' : 'proven to open'
  const options = [
    { id: String(version), name: `Version ${version}, sealed ${formatDate(sealedAt)}, ${proven}` },
    ...olderVersions.map((older, place) => ({
      id: String(older.version),
      name:
        place === 0
          ? `Version ${older.version}: if the system still has the old secret`
          : `Version ${older.version}, sealed ${formatDate(older.sealedAt)}`,
    })),
  ]
  const choice = { label: 'Which version?', options, value: String(value) }
  const choose = (id: string): void => onChange(Number(id))
  return olderVersions.length > plainMax ? (
    <Select {...choice} onChange={choose} />
  ) : (
    <ChooseOne {...choice} onChange={choose} hint="Everybody who approves reads which one you ask for." />
  )
}

/** The form before a request. */
export function BreakGlassScreen({ credential }: { readonly credential: CredentialView }): ReactNode {
  const { persons, safes } = useVaultState()
  const { call, go } = useStore()
  const { run, busy, error } = useAction()
  const policy = safes.find(({ id }) => id === credential.safe)?.policy
  const min = policy?.windowSecondsMin ?? limits.windowSecondsMin
  const max = policy?.windowSecondsMax ?? limits.windowSecondsMax
  const requesters = persons.filter(({ id }) => credential.requesters.includes(id))
  const [requester, setRequester] = useState<string | null>(
    requesters.length === 1 ? (requesters[0]?.id ?? null) : null,
  )
  const [reason, setReason] = useState('')
  const [incident, setIncident] = useState('')
  const [seconds, setSeconds] = useState(String(defaultWindow(min, max)))
  const [version, setVersion] = useState(credential.version)
  const [missing, setMissing] = useState(false)
  const submit = (): void => {
    if (requester === null || reason.trim() === '') {
      setMissing(true)
      return
    }
    const request = {
      credential: credential.id,
      version,
      requester,
      reason: reason.trim(),
      incident: oneLine(incident) === '' ? null : oneLine(incident),
      windowSeconds: Number(seconds),
    }
    void run(() => call['request.open'](request))
  }
  return (
    <Screen title={`Break glass: ${credential.name}`} className="break-glass">
      <div className="form-and-aside">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
            focusFirstInvalid(event.currentTarget)
          }}
        >
          {credential.damage !== null && (
            <Notice tone="bad">
              <p>
                Something of this credential is damaged: {credential.damage}. It may still open with other custodians.
              </p>
            </Notice>
          )}
          {requesters.length === 0 ? (
            <Notice tone="bad">
              <p>
                Nobody who may ask for this credential is in the vault any more. Seal a new version and name who may
                ask.
              </p>
            </Notice>
          ) : (
            <div className="who-and-incident">
              <Select
                label="Who is asking?"
                options={requesters}
                value={requester}
                onChange={setRequester}
                placeholder="Choose the person"
                error={
                  missing && requester === null ? 'Choose who is asking; that person’s key opens the request.' : null
                }
              />
              <TextField
                label="Incident reference"
                optional
                value={incident}
                onChange={setIncident}
                max={limits.incidentLength}
              />
            </div>
          )}
          <VersionChoice credential={credential} value={version} onChange={setVersion} />
          <TextField
            label="Why is it needed?"
            hint="Everybody who approves reads this, and so will the auditors."
            value={reason}
            onChange={setReason}
            rows={3}
            max={limits.reasonLength}
            error={missing && reason.trim() === '' ? 'Say in a few words what has happened.' : null}
          />
          <ChooseOne
            label="For how long should it stay open?"
            options={windowSteps(min, max).map((step) => ({ id: String(step), name: formatSeconds(step) }))}
            value={seconds}
            onChange={setSeconds}
            hint="Cannot be made longer later; a longer look is a new request."
          />
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
          <div className="row">
            <Button look="primary" size="big" type="submit" isDisabled={busy || requesters.length === 0}>
              Open the request
            </Button>
            <Button look="quiet" onPress={() => go({ name: 'credentials' })}>
              Go back
            </Button>
          </div>
        </form>
        <WhatHappensNext credential={credential} />
      </div>
    </Screen>
  )
}

/** Who holds what, as everybody signed it; and the care of the keys. */
import type { ReactNode } from 'react'
import type { AppState } from '../../shared/contracts/app.ts'
import { Button } from '../ui/button.tsx'
import { CodePrint, ErrorNotice, Notice } from '../ui/notice.tsx'
import { Icon } from '../ui/pictures.tsx'
import { formatSeconds } from '../ui/time.ts'
import { useAction } from '../ui/use-action.ts'
import { When } from '../ui/when.tsx'
import { AffectedCredentials } from './changes/affected-credentials.tsx'
import { PeopleKeys } from './keys/people-keys.tsx'
import { Screen } from './screen.tsx'
import { TapPlaceSection } from './tap-place-section.tsx'
import { useModel, useStore, useVaultState } from './use-app.ts'
import { listOr } from './waiting/waiting-words.ts'

/** A quorum opens the shares of one credential, up to its key: nothing is decrypted. */
function SafeDrill({ safe }: { readonly safe: AppState['safes'][number] }): ReactNode {
  const { operation, phase } = useVaultState()
  const { credentials } = useModel()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const sealed = credentials.find((credential) => credential.safe === safe.id && credential.damage === null)
  if (sealed === undefined) return <p className="soft small">It can be drilled once something is sealed in it.</p>
  return (
    <div className="stack-tight safe-drill">
      <div className="row">
        <Button
          size="little"
          aria-label={`Drill it: ${safe.name}`}
          isDisabled={busy || operation !== null || phase === 'damaged'}
          onPress={() =>
            void run(() => call['credential.prove']({ purpose: 'drill', safe: safe.id, credentials: [sealed.id] }))
          }
        >
          Drill it
        </Button>
        <span className="soft small">{safe.threshold} custodians tap; nothing is revealed.</span>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </div>
  )
}

function SafeCards(): ReactNode {
  const { safes, persons } = useVaultState()
  const nameOf = (id: string): string => persons.find((person) => person.id === id)?.name ?? 'Somebody no longer listed'
  return (
    <section className="stack-tight" aria-labelledby="safes">
      <h2 id="safes">Safes</h2>
      <ul className="plain-list safes">
        {safes.map((safe) => (
          <li key={safe.id} className="panel stack-tight">
            <div className="spread">
              <h3>{safe.name}</h3>
              {safe.drilled ? (
                <span className="badge ok">
                  <Icon name="check" size={14} /> Drilled
                </span>
              ) : (
                <span className="badge warn">
                  <Icon name="warn" size={14} /> Not yet drilled
                </span>
              )}
            </div>
            <p>
              <strong>
                Any {safe.threshold} of {safe.custodians.length}
              </strong>{' '}
              custodians open it: {safe.custodians.map(nameOf).join(', ')}.
            </p>
            <ul className="soft small rules">
              <li>
                A window lasts {formatSeconds(safe.policy.windowSecondsMin)} to{' '}
                {formatSeconds(safe.policy.windowSecondsMax)}.
              </li>
              <li>
                {safe.policy.requesterMayTap
                  ? 'Whoever asks may also be one of the custodians who approve.'
                  : 'Whoever asks does not count as one of the custodians who approve.'}
              </li>
              <li>
                {safe.policy.copyAllowed ? 'Values may be copied; every copy is recorded.' : 'Values cannot be copied.'}
              </li>
              {safe.policy.delay !== undefined && (
                <li>
                  A request waits {formatSeconds(safe.policy.delay.seconds)} after its quorum;{' '}
                  {listOr(safe.policy.delay.vetoers.map(nameOf))} can stop it meanwhile.
                </li>
              )}
            </ul>
            <SafeDrill safe={safe} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** People, keys, safes. */
export function PeopleScreen(): ReactNode {
  const { vault, station, change, operation, phase } = useVaultState()
  const { go } = useStore()
  const actions = (
    <Button isDisabled={operation !== null || phase === 'damaged'} onPress={() => go({ name: 'change' })}>
      {change === null ? 'Change who holds what' : 'Go on with the change'}
    </Button>
  )
  return (
    <Screen
      title="People and safes"
      lead="This is who holds what, as it was signed. Nobody changes it alone, but for backups and names of their own keys."
      actions={actions}
    >
      <div className="stack-wide">
        {change !== null && (
          <Notice tone="info">
            <p>
              A change of who holds what is being prepared.{' '}
              {change.missing.length > 0
                ? `Keys are missing of: ${change.missing.map(({ name }) => name).join(', ')}.`
                : 'It only waits to be signed.'}
            </p>
          </Notice>
        )}
        <AffectedCredentials />
        <SafeCards />
        <PeopleKeys />
        <TapPlaceSection />
        {vault !== null && (
          <section className="stack-tight" aria-labelledby="vault">
            <h2 id="vault">This vault</h2>
            <dl className="facts">
              <dt>Name</dt>
              <dd>{vault.name}</dd>
              <dt>Created</dt>
              <dd>
                <When at={vault.createdAt} />
              </dd>
              {station !== null && (
                <>
                  <dt>This machine</dt>
                  <dd>{station.name}</dd>
                </>
              )}
              <dt>Who holds what</dt>
              <dd>
                Version {vault.manifestVersion}
                {vault.manifestHash !== null && (
                  <>
                    {' '}
                    <CodePrint label="Fingerprint" code={vault.manifestHash} />
                  </>
                )}
              </dd>
            </dl>
          </section>
        )}
      </div>
    </Screen>
  )
}

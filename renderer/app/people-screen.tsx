/** Who holds what, as everybody signed it; and the care of the keys. */
import type { ReactNode } from 'react'
import { CodePrint } from '../ui/notice.tsx'
import { Icon } from '../ui/pictures.tsx'
import { formatSeconds } from '../ui/time.ts'
import { When } from '../ui/when.tsx'
import { PeopleKeys } from './keys/people-keys.tsx'
import { Screen } from './screen.tsx'
import { TapPlaceSection } from './tap-place-section.tsx'
import { useVaultState } from './use-app.ts'

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
            </ul>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** People, keys, safes. */
export function PeopleScreen(): ReactNode {
  const { vault, station } = useVaultState()
  return (
    <Screen
      title="People and safes"
      lead="This is who holds what, as it was signed. Nobody changes it alone, but for backups and names of their own keys."
    >
      <div className="stack-wide">
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

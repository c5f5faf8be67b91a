/** The ceremony that is open; without one, those that were and the ways to begin a new one. */
import { useEffect, useState, type ReactNode } from 'react'
import type { Output } from '../../../shared/contracts/contract.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import { ceremonyKindSchema } from '../../../shared/domain/ceremony.ts'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { When } from '../../ui/when.tsx'
import { Screen } from '../screen.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { kinds } from './ceremony-words.ts'
import { RunningScreen } from './running-screen.tsx'

type Past = Output<typeof appContract, 'ceremony.past'>

/** Ceremonies that are over, newest first; null until they are known. Asked for again when one ends. */
export function usePastCeremonies(): { readonly past: Past | null; readonly error: HalliganError | null } {
  const { call } = useStore()
  const { ceremony, lastOutcome } = useVaultState()
  const [past, setPast] = useState<Past | null>(null)
  const [error, setError] = useState<HalliganError | null>(null)
  const key = `${ceremony?.id ?? ''} ${lastOutcome?.operation ?? ''}`
  useEffect(() => {
    let isCurrent = true
    call['ceremony.past']({}).then(
      (found) => isCurrent && setPast(found),
      (thrown: unknown) => isCurrent && setError(asHalliganError(thrown)),
    )
    return () => {
      isCurrent = false
    }
  }, [call, key])
  return { past, error }
}

function Beginnings(): ReactNode {
  const { go } = useStore()
  const { operation, phase } = useVaultState()
  return (
    <ul className="plain-list beginnings">
      {ceremonyKindSchema.options.map((kind) => (
        <li key={kind} className="panel stack-tight">
          <h2>{kinds[kind].name}</h2>
          <p className="soft">{kinds[kind].what}</p>
          <div className="row">
            <Button
              aria-label={`Plan it: ${kinds[kind].name}`}
              isDisabled={operation !== null || phase === 'damaged'}
              onPress={() => go({ name: 'plan-ceremony', kind, chosen: [] })}
            >
              Plan it
            </Button>
          </div>
        </li>
      ))}
    </ul>
  )
}

function PastList(): ReactNode {
  const { past, error } = usePastCeremonies()
  const { go } = useStore()
  if (error !== null) return <ErrorNotice code={error.code} detail={error.detail} />
  if (past === null) return <p className="soft">Looking them up…</p>
  if (past.length === 0)
    return (
      <p className="panel">
        None yet. Begin with a drill: it shows that every key and every safe works, before somebody needs them.
      </p>
    )
  return (
    <ul className="plain-list past-list">
      {past.map((one) => (
        <li key={one.id} className="past-row">
          <div className="past-what">
            <h3>{one.title}</h3>
            <p className="small soft">
              {kinds[one.kind].name} · <When at={one.openedAt} />
            </p>
          </div>
          <span className={one.result === 'closed' ? 'badge ok' : 'badge'}>
            <Icon name={one.result === 'closed' ? 'check' : 'minus'} size={14} />{' '}
            {one.result === 'closed' ? 'Closed' : 'Given up'}
          </span>
          {one.minutes !== null && (
            <Button
              size="little"
              aria-label={`Minutes: ${one.title}`}
              onPress={() => go({ name: 'minutes', ceremony: one.id })}
            >
              Minutes
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

/** What is open comes first. */
export function CeremoniesScreen(): ReactNode {
  const { ceremony } = useVaultState()
  if (ceremony !== null) return <RunningScreen key={ceremony.id} ceremony={ceremony} />
  return (
    <Screen
      title="Ceremonies"
      lead="Work on the vault by a script that several people follow and sign. It can be interrupted and gone on with on another day."
    >
      <div className="stack-wide">
        <Beginnings />
        <section className="stack-tight" aria-labelledby="past">
          <h2 id="past">Those that were</h2>
          <PastList />
        </section>
      </div>
    </Screen>
  )
}

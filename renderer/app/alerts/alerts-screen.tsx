/** Who is alerted of what: each channel's state, the rules, what waits, and how to change them. */
import { useEffect, useState, type ReactNode } from 'react'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Screen } from '../screen.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { severityNames } from './alert-words.ts'
import { AlertsEditor } from './alerts-editor.tsx'
import { ChannelCard } from './channel-card.tsx'
import { WaitingList } from './waiting-list.tsx'

/** The settings in force; null until they are here. Read again with every version of the manifest. */
function useSettings(): { readonly settings: AlertSettings | null; readonly error: HalliganError | null } {
  const { call } = useStore()
  const { vault } = useVaultState()
  const [settings, setSettings] = useState<AlertSettings | null>(null)
  const [error, setError] = useState<HalliganError | null>(null)
  const version = vault?.manifestVersion
  useEffect(() => {
    let current = true
    call['alerts.state']({}).then(
      (next) => current && setSettings(next),
      (thrown: unknown) => current && setError(asHalliganError(thrown)),
    )
    return () => {
      current = false
    }
  }, [call, version])
  return { settings, error }
}

function Routes({ channels, routes }: AlertSettings): ReactNode {
  const { safes } = useVaultState()
  const nameOf = (id: string): string => channels.find((channel) => channel.id === id)?.name ?? id
  if (routes.length === 0) {
    return channels.length === 0 ? null : <p className="panel measure">No rule says who hears of what: nobody does.</p>
  }
  return (
    <section className="stack-tight" aria-labelledby="alert-routes">
      <h2 id="alert-routes">Who hears of what</h2>
      <table className="routes">
        <thead>
          <tr>
            <th scope="col">About</th>
            <th scope="col">How grave</th>
            <th scope="col">Over</th>
          </tr>
        </thead>
        <tbody>
          {routes.map(({ safe, severity, channels: over }, index) => (
            <tr key={index}>
              <td>
                {safe === null
                  ? 'Every safe, and what concerns none'
                  : (safes.find(({ id }) => id === safe)?.name ?? safe)}
              </td>
              <td>{severityNames[severity]}</td>
              <td>{over.map(nameOf).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The channels. */
export function AlertsScreen(): ReactNode {
  const { alerts, operation } = useVaultState()
  const { settings, error } = useSettings()
  const [editing, setEditing] = useState(false)
  return (
    <Screen
      title="Who is alerted"
      lead="Every request is told at once over these channels, or as soon as there is a network, with the time at which it really happened. Opening a credential never waits for that."
      actions={
        !editing && (
          <Button isDisabled={settings === null || operation !== null} onPress={() => setEditing(true)}>
            Change the alerts
          </Button>
        )
      }
    >
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {editing && settings !== null ? (
        <AlertsEditor settings={settings} onClose={() => setEditing(false)} />
      ) : (
        <>
          {alerts.channels.length === 0 ? (
            <p className="panel measure">
              Nobody is alerted yet. Choose “Change the alerts” to add a chat, a mail address, PagerDuty, a log server
              or a notification on this machine. A quorum of custodians signs the change.
            </p>
          ) : (
            <ul className="plain-list stack">
              {alerts.channels.map((channel) => (
                <ChannelCard
                  key={channel.id}
                  channel={channel}
                  settings={settings?.channels.find(({ id }) => id === channel.id) ?? null}
                />
              ))}
            </ul>
          )}
          {settings !== null && <Routes {...settings} />}
          <WaitingList />
        </>
      )}
    </Screen>
  )
}

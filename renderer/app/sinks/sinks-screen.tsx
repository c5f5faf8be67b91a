/** Where the log goes when there is a network: what each sink has, what stands in the way, and how to change them. */
import { useEffect, useState, type ReactNode } from 'react'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Screen } from '../screen.tsx'
import { useStore, useVaultState } from '../use-app.ts'
import { SinkCard } from './sink-card.tsx'
import { SinksEditor } from './sinks-editor.tsx'

/** The settings in force; null until they are here. Read again with every version of the manifest. */
function useSettings(): { readonly settings: readonly SinkSettings[] | null; readonly error: HalliganError | null } {
  const { call } = useStore()
  const { vault } = useVaultState()
  const [settings, setSettings] = useState<readonly SinkSettings[] | null>(null)
  const [error, setError] = useState<HalliganError | null>(null)
  const version = vault?.manifestVersion
  useEffect(() => {
    let current = true
    call['sync.state']({}).then(
      ({ sinks }) => current && setSettings(sinks),
      (thrown: unknown) => current && setError(asHalliganError(thrown)),
    )
    return () => {
      current = false
    }
  }, [call, version])
  return { settings, error }
}

/** The sinks. */
export function SinksScreen(): ReactNode {
  const { sinks, operation } = useVaultState()
  const { settings, error } = useSettings()
  const [editing, setEditing] = useState(false)
  const canChange = settings !== null && operation === null
  return (
    <Screen
      title="Where the log goes"
      lead="Whenever there is a network, the log goes to these places by itself, so that nobody can rewrite it here unnoticed. Opening a credential never waits for that."
      actions={
        !editing && (
          <Button isDisabled={!canChange} onPress={() => setEditing(true)}>
            Change the sinks
          </Button>
        )
      }
    >
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {editing && settings !== null ? (
        <SinksEditor settings={settings} onClose={() => setEditing(false)} />
      ) : sinks.length === 0 ? (
        <p className="panel measure">
          The log goes nowhere yet: it is on this machine only, and in the exports that you make. Choose “Change the
          sinks” to add a database, a log server, an address or a folder. A quorum of custodians signs the change.
        </p>
      ) : (
        <ul className="plain-list stack sinks">
          {sinks.map((sink) => (
            <SinkCard key={sink.id} sink={sink} settings={settings?.find(({ id }) => id === sink.id) ?? null} />
          ))}
        </ul>
      )}
    </Screen>
  )
}

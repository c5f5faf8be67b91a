/** Always in sight: offline, the log's verdict, the next rotation, the next drill. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/pictures.tsx'
import { describeDrill, describeLog, describeRotation, type StatusWords } from './status-words.ts'
import { describeAlerts } from './alerts/alert-words.ts'
import { describeSinks } from './sinks/sink-words.ts'
import { useModel, useNow, useVaultState } from './use-app.ts'

const icons: Readonly<Record<StatusWords['tone'], IconName>> = { plain: 'info', ok: 'check', warn: 'warn', bad: 'stop' }

interface ItemProps {
  readonly words: StatusWords
  readonly icon?: IconName
  /** Said in front, where the words stand alone elsewhere. */
  readonly name?: string
}

function Item({ words, icon, name }: ItemProps): ReactNode {
  return (
    <li className={`status-item ${words.tone}`}>
      <Icon name={icon ?? icons[words.tone]} size={16} />
      <span>
        {name !== undefined && `${name}: `}
        {name === undefined ? words.text : words.text.charAt(0).toLowerCase() + words.text.slice(1)}
      </span>
    </li>
  )
}

/** The bar at the foot of the window. */
export function StatusBar(): ReactNode {
  const state = useVaultState()
  const { credentials } = useModel()
  const now = useNow(60_000)
  const isReady = state.phase === 'ready' || state.phase === 'damaged'
  const sync = describeSinks(state.sinks)
  const alerts = describeAlerts(state.alerts)
  return (
    <footer className="status-bar">
      <ul className="plain-list" aria-label="Status">
        <Item words={sync} {...(sync.isOffline ? { icon: 'offline' as const } : {})} />
        {isReady && alerts !== null && <Item words={alerts} />}
        {state.phase !== 'none' && <Item words={describeLog(state.log, true)} name="Log" />}
        {isReady && <Item words={describeRotation(credentials, now)} icon="clock" />}
        {isReady && <Item words={describeDrill(state.safes)} />}
      </ul>
    </footer>
  )
}

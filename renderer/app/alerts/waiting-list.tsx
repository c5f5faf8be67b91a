/** What nobody has taken yet. */
import { useEffect, useState, type ReactNode } from 'react'
import type { WaitingAlert } from '../../../shared/contracts/alert-views.ts'
import { formatMoment, formatNumber } from '../../ui/time.ts'
import { useStore, useVaultState } from '../use-app.ts'
import { eventNames } from './alert-words.ts'

/** Oldest first; nothing at all when nothing waits. */
export function WaitingList(): ReactNode {
  const { call } = useStore()
  const { waiting, channels } = useVaultState().alerts
  const [alerts, setAlerts] = useState<readonly WaitingAlert[]>([])
  useEffect(() => {
    let current = true
    call['alerts.waiting']({}).then(
      (next) => current && setAlerts(next),
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [call, waiting])
  if (waiting === 0) return null
  const nameOf = (id: string): string =>
    channels.find((channel) => channel.id === id)?.name ?? 'a channel that was removed'
  return (
    <section className="stack-tight" aria-labelledby="waiting-alerts">
      <h2 id="waiting-alerts">Waiting to leave ({formatNumber(waiting)})</h2>
      <p className="soft small measure">
        They go out by themselves as soon as their channel can be reached, in this order.
      </p>
      <ol className="plain-list stack-tight">
        {alerts.map(({ cause, channel, event, title, at, attempts }) => (
          <li key={`${cause} ${channel}`} className="waiting-alert">
            <p>{title}</p>
            <p className="soft small">
              {eventNames[event]} · {formatMoment(at)} · for {nameOf(channel)} ·{' '}
              {attempts === 0 ? 'not tried yet' : `tried ${formatNumber(attempts)} times`}
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

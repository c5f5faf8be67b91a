/** Hands an alert to whoever carries it: the courier process, or main for a notification on this machine. */
import type { alertHostContract } from '../../../shared/contracts/courier.ts'
import type { Client } from '../../../shared/contracts/contract.ts'
import type { AlertMessage, ChannelSettings } from '../../../shared/domain/alert.ts'
import type { CourierLink } from '../sync/courier-link.ts'
import type { Timers } from '../sync/timers.ts'
import { endAfter } from './channel-worker.ts'

/** The courier promises an end within 30 s; a courier that does not keep it is not waited for. */
const sendMs = 45_000
const notifyMs = 10_000
const glanceMax = { title: 198, body: 1900 }

const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…`

/** What is read at a glance. */
function toNotification({ title, lines, severity }: AlertMessage): {
  title: string
  body: string
  sound: boolean
} {
  const wanted = lines.filter(({ label }) => label === 'Why' || label === 'Until when' || label === 'Station')
  const body = wanted.map(({ label, value }) => `${label}: ${value}`).join('\n')
  return { title: cut(title, glanceMax.title), body: cut(body, glanceMax.body), sound: severity !== 'info' }
}

export interface SendMeans {
  readonly host: Pick<Client<typeof alertHostContract>, 'notify'>
  readonly link: Pick<CourierLink, 'connectAlerts'>
  readonly timers: Timers
}

/** Always ends. @throws HalliganError CHANNEL_*, PORT_CLOSED */
export async function sendAlert(
  { host, link, timers }: SendMeans,
  { id, kind }: ChannelSettings,
  message: AlertMessage,
): Promise<{ readonly receipt: string | null }> {
  if (kind === 'desktop') {
    await endAfter(timers, notifyMs, host.notify(toNotification(message)))
    return { receipt: null }
  }
  const courier = await link.connectAlerts()
  return endAfter(timers, sendMs, courier.alert({ channel: id, message }))
}

/** Ends what is under way for a channel; never rejects. */
export async function resetChannel({ link }: SendMeans, { id, kind }: ChannelSettings): Promise<void> {
  if (kind === 'desktop') return
  const courier = await link.connectAlerts().catch(() => null)
  await courier?.resetChannel({ channel: id }).catch(() => undefined)
}

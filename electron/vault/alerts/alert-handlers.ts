/** Alerts, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { HandlerMeans } from '../handler-means.ts'
import { findRequestText } from './alert-text.ts'
import type { Alerts } from './alerts.ts'
import { setAlerts } from './set-alerts.ts'

type AlertHandlers = Pick<
  Handlers<typeof appContract>,
  'alerts.set' | 'alerts.state' | 'alerts.secret' | 'alerts.test' | 'alerts.retry' | 'alerts.waiting' | 'alerts.text'
>

export function createAlertHandlers({ started, open, start, vault }: HandlerMeans): AlertHandlers {
  const alerts = async (): Promise<Alerts> => {
    await started()
    return open().alerts
  }
  return {
    'alerts.set': (settings) => start(({ context, registry }) => setAlerts(context, registry, settings)),
    'alerts.state': async () => (await alerts()).settings(),
    'alerts.secret': async ({ channel, secret }) => {
      await (await alerts()).keepSecret(channel, secret)
      return {}
    },
    'alerts.test': async ({ channel }) => {
      await (await alerts()).test(channel)
      return {}
    },
    'alerts.retry': async ({ channel }) => {
      await (await alerts()).retry(channel)
      return {}
    },
    'alerts.waiting': async () => (await alerts()).waiting(),
    'alerts.text': async ({ request }) => ({ text: await findRequestText(await vault(), request) }),
  }
}

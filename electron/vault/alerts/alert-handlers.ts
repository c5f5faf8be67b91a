/** Alerts, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'
import { findRequestText } from './alert-text.ts'

type AlertHandlers = Pick<
  Handlers<typeof appContract>,
  'alerts.set' | 'alerts.state' | 'alerts.secret' | 'alerts.test' | 'alerts.retry' | 'alerts.waiting' | 'alerts.text'
>

const refuse = (): never => {
  throw new HalliganError('METHOD_UNKNOWN')
}

export function createAlertHandlers({ vault }: HandlerMeans): AlertHandlers {
  return {
    'alerts.set': refuse,
    'alerts.state': refuse,
    'alerts.secret': refuse,
    'alerts.test': refuse,
    'alerts.retry': refuse,
    'alerts.waiting': refuse,
    'alerts.text': async ({ request }) => ({ text: await findRequestText(await vault(), request) }),
  }
}

/**
 * PagerDuty's Events API v2 (developer.pagerduty.com/docs/events-api-v2; schema: github.com/PagerDuty/api-schema,
 * reference/events-v2/openapiv3.json). What belongs to one request is one alert there: `dedup_key` is the message's group.
 */
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { alertTimings, type Channel, type ChannelFactory } from './channel.ts'
import { createPoster } from './poster.ts'
import { readReceipt } from './receipt.ts'
import { cutText, fitInto, makeLine, makePlain } from './text.ts'

/** "The maximum permitted length of this property is 1024 characters." */
const summaryMax = 1024
/** "Events must be smaller than 512 KB." */
const bodyMax = 500_000

/** Labels may come twice; the details are an object. */
function makeDetails({ lines, key, seq, late }: AlertMessage, max: number): Record<string, string | number | boolean> {
  const details = new Map<string, string>()
  for (const { label, value } of lines) {
    const before = details.get(makeLine(label))
    const text = cutText(makePlain(value), max)
    details.set(makeLine(label), before === undefined ? text : `${before}\n${text}`)
  }
  return { ...Object.fromEntries(details), 'Alert key': key, Entry: seq, 'Sent later': late }
}

function makeEvent(message: AlertMessage, routingKey: string, max: number): object {
  const { title, severity, at, action, group, station, vault, event } = message
  return {
    routing_key: routingKey,
    event_action: action,
    dedup_key: group,
    client: 'Halligan',
    payload: {
      summary: cutText(makeLine(title), summaryMax),
      timestamp: at,
      severity,
      source: makeLine(station),
      component: makeLine(vault),
      class: event,
      custom_details: makeDetails(message, max),
    },
  }
}

/** Receipt: the `dedup_key` that PagerDuty confirms. */
export const createPagerDutyChannel: ChannelFactory<'pagerduty'> = (
  settings,
  secret,
  timings = alertTimings,
): Channel => {
  const poster = createPoster(settings, timings)
  const url = new URL(settings.url)
  return {
    send: async (message) => {
      const { token } = secret
      if (token === undefined) throw new HalliganError('CHANNEL_LOGIN', { reason: 'not-set' })
      const body = fitInto(bodyMax, (max) => JSON.stringify(makeEvent(message, token, max)))
      const answer = await poster.post(url, body)
      return readReceipt(answer.body, 'dedup_key', secret)
    },
    close: poster.close,
  }
}

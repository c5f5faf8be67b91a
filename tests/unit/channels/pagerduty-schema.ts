/**
 * The request of PagerDuty's Events API v2, after its published description (github.com/PagerDuty/api-schema,
 * reference/events-v2/openapiv3.json, `/enqueue`), strict: a member that it does not name is a mistake of ours. Lengths: from
 * developer.pagerduty.com/docs/events-api-v2/trigger-events.
 */
import { z } from 'zod'

const link = z.strictObject({ href: z.url(), text: z.string().optional() })
const image = z.strictObject({ src: z.url(), href: z.url().optional(), alt: z.string().optional() })

export const pagerDutyEventSchema = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  client: z.string().optional(),
  client_url: z.url().optional(),
  links: z.array(link).optional(),
  images: z.array(image).optional(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'warning', 'error', 'info']),
    timestamp: z.iso.datetime().optional(),
    component: z.string().optional(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
})

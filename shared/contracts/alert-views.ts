/** Alert channels as the app window sees them. */
import { z } from 'zod'
import { alertEventSchema, severitySchema } from '../domain/alert.ts'
import { countSchema, idSchema, lineSchema, timestampSchema } from '../domain/forms.ts'
import { keptSecretSchema } from '../domain/sink.ts'
import { errorCodes } from '../errors.ts'

export const channelViewSchema = z.strictObject({
  id: idSchema,
  name: lineSchema(),
  kind: z.enum(['webhook', 'pagerduty', 'smtp', 'syslog', 'desktop']),
  /** idle; sending; waiting: `problem` says why, tried again by itself at `nextAt`. */
  state: z.enum(['idle', 'sending', 'waiting']),
  waiting: countSchema,
  problem: z
    .strictObject({
      code: z.enum(errorCodes),
      detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    })
    .nullable(),
  nextAt: timestampSchema.nullable(),
  /** When it last took an alert. Older than `limits.channelProofDays`, or never: unproven. */
  lastProvenAt: timestampSchema.nullable(),
  isProven: z.boolean(),
  secret: keptSecretSchema.or(z.enum(['missing', 'not-needed'])),
})
export type ChannelView = z.infer<typeof channelViewSchema>

export const waitingAlertSchema = z.strictObject({
  cause: countSchema,
  channel: idSchema,
  event: alertEventSchema,
  severity: severitySchema,
  title: z.string().max(1000),
  at: timestampSchema,
  attempts: countSchema,
})
export type WaitingAlert = z.infer<typeof waitingAlertSchema>

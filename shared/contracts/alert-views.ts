/** Alert channels as the app window sees them. */
import { z } from 'zod'
import { alertEventSchema, alertSettingsSchema, channelSecretSchema, severitySchema } from '../domain/alert.ts'
import { countSchema, idSchema, lineSchema, timestampSchema } from '../domain/forms.ts'
import { keptSecretSchema } from '../domain/sink.ts'
import { errorCodes } from '../errors.ts'
import { nothing, started } from './answers.ts'

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
  /** What the receiver gave for it. */
  receipt: lineSchema(200).nullable(),
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

/** Alerts: what the app window may ask. */
export const alertCalls = {
  /** A quorum signs who is alerted of what. POLICY_INVALID {field, why}, AMENDMENT_EMPTY. */
  'alerts.set': { input: alertSettingsSchema, output: started },
  /** The settings as they stand in the manifest. */
  'alerts.state': { input: nothing, output: alertSettingsSchema },
  /** Keeps on this station what a channel asks for; it can not be read back. An empty one forgets it. CHANNEL_UNKNOWN. */
  'alerts.secret': { input: z.strictObject({ channel: idSchema, secret: channelSecretSchema }), output: nothing },
  /** Fires a test alert; null: on every channel. CHANNEL_UNKNOWN. */
  'alerts.test': { input: z.strictObject({ channel: idSchema.nullable() }), output: nothing },
  /** Tries what waits again now. */
  'alerts.retry': { input: z.strictObject({ channel: idSchema }), output: nothing },
  'alerts.waiting': { input: nothing, output: z.array(waitingAlertSchema).max(500) },
  /** The short signed text about a request that any phone can carry. REQUEST_UNKNOWN. */
  'alerts.text': {
    input: z.strictObject({ request: idSchema }),
    output: z.strictObject({ text: z.string().max(1000) }),
  },
} as const

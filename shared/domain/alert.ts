/**
 * Alerts: who hears of what, and over which channel. Settings stand in the manifest, signed by a quorum; tokens, passwords and
 * addresses that are secrets themselves (a chat's web hook) do not: the station keeps them, as it does for sinks.
 */
import { z } from 'zod'
import { limits } from '../limits.ts'
import { idSchema, lineSchema } from './forms.ts'
import { certificatesSchema } from './sink.ts'

export const alertEventSchema = z.enum([
  'request-opened',
  'tap-refused',
  'request-granted',
  'request-waiting',
  'field-copied',
  'window-ended',
  'request-ended',
  'request-classified',
  'drill',
  'ceremony',
  'manifest-changed',
  'clock-jumped',
  'log-failed',
  'sink-diverged',
  'overdue',
  'test',
])
export type AlertEvent = z.infer<typeof alertEventSchema>

/** As PagerDuty's Events API v2 names them. */
export const severitySchema = z.enum(['info', 'warning', 'error', 'critical'])
export type Severity = z.infer<typeof severitySchema>

const host = z.string().regex(/^(?!-)[A-Za-z0-9._:-]{1,253}$/)
const port = z.number().int().min(1).max(65_535)
const mailAddress = z.email().max(254)
const tls = { ca: certificatesSchema.optional() }
const common = { id: idSchema, name: lineSchema() }

export const channelSchema = z.discriminatedUnion('kind', [
  /** `generic`: our own JSON. The chat shapes take the whole address as their secret (`url`); `origin` says where it must lead. */
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('webhook'),
    shape: z.enum(['generic', 'slack', 'teams', 'google-chat']),
    /** generic: the address. Chats: only its origin; the path is the secret. */
    url: z.url({ protocol: /^https$/ }).max(2048),
    auth: z.enum(['none', 'token', 'url']),
  }),
  /** Events API v2. `url`: normally https://events.pagerduty.com/v2/enqueue. The routing key is the secret `token`. */
  z.strictObject({ ...common, ...tls, kind: z.literal('pagerduty'), url: z.url({ protocol: /^https$/ }).max(2048) }),
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('smtp'),
    host,
    port,
    /** implicit: TLS from the first byte. starttls: required, never optional. */
    security: z.enum(['implicit', 'starttls']),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(20),
    /** Null: no login. The password is the secret `password`. */
    user: lineSchema(120).nullable(),
  }),
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('syslog'),
    host,
    port,
    facility: z.number().int().min(0).max(23),
  }),
  /** A notification with sound on this machine, for whoever is in the room. */
  z.strictObject({ ...common, kind: z.literal('desktop') }),
])
export type ChannelSettings = z.infer<typeof channelSchema>
export type ChannelKind = ChannelSettings['kind']
export type ChannelOf<K extends ChannelKind> = Extract<ChannelSettings, { kind: K }>

/** Who hears of what. The first route that fits a safe is not the only one: every route that fits is followed. */
export const routeSchema = z.strictObject({
  /** Null: every safe, and what concerns no safe. */
  safe: idSchema.nullable(),
  /** At least this grave. */
  severity: severitySchema,
  channels: z.array(idSchema).min(1).max(limits.channels),
})

export const alertSettingsSchema = z.strictObject({
  channels: z.array(channelSchema).max(limits.channels),
  routes: z.array(routeSchema).max(limits.safes * 4),
})
export type AlertSettings = z.infer<typeof alertSettingsSchema>

/** `token`: bearer or routing key. `password`: SMTP. `url`: a chat's whole web hook address. */
export const channelSecretSchema = z.strictObject({
  token: z
    .string()
    .max(8192)
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  password: z.string().min(1).max(1024).optional(),
  url: z
    .url({ protocol: /^https$/ })
    .max(2048)
    .optional(),
})
export type ChannelSecret = z.infer<typeof channelSecretSchema>

/** True when a channel with these settings can not do without a secret. */
export function needsChannelSecret(channel: ChannelSettings): boolean {
  switch (channel.kind) {
    case 'webhook':
      return channel.auth !== 'none'
    case 'pagerduty':
      return true
    case 'smtp':
      return channel.user !== null
    case 'syslog':
    case 'desktop':
      return false
  }
}

/**
 * What every channel says, in the form that fits it. Text of people stands in `lines` and `title` as they wrote it: each channel
 * escapes for itself.
 */
export const alertMessageSchema = z.strictObject({
  /** Stable over tries and restarts: receivers fold by it. */
  key: lineSchema(120),
  /** What belongs together at the receiver: the request's id, the ceremony's, else as `key`. */
  group: lineSchema(120),
  event: alertEventSchema,
  severity: severitySchema,
  /** trigger opens or adds to the group's incident, resolve ends it. */
  action: z.enum(['trigger', 'acknowledge', 'resolve']),
  /** One sentence. */
  title: z.string().min(1).max(1000),
  /** Who, what, why, until when, station, head in words. */
  lines: z.array(z.strictObject({ label: z.string().max(60), value: z.string().max(2000) })).max(30),
  vault: lineSchema(),
  station: lineSchema(),
  /** When it happened by the station's clock, and whether it could leave only later. */
  at: z.string().max(40),
  late: z.boolean(),
  /** Number of the entry that it is about. */
  seq: z.number().int().nonnegative(),
})
export type AlertMessage = z.infer<typeof alertMessageSchema>

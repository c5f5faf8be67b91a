/**
 * Sinks: where the audit log syncs to. Settings stand in the manifest, signed by a quorum; the passwords, tokens and client
 * keys that a sink needs unattended do not (docs/operations.md), they are kept by the station.
 */
import { z } from 'zod'
import { idSchema, lineSchema, textSchema } from './forms.ts'

const host = z.string().regex(/^(?!-)[A-Za-z0-9._:-]{1,253}$/)
const port = z.number().int().min(1).max(65_535)
/** An SQL name as PostgreSQL knows it unquoted: nothing of it needs quoting, nothing of it can end a statement. */
const sqlName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/)

/** One or more certificates, PEM. Absent: those that the system trusts. */
export const certificatesSchema = textSchema(32_768).refine((text) =>
  /^\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(text),
)

/** `ca`: who vouches for the server. `clientCertificate`: ours, where the server asks for one (its key is a secret). */
const tls = { ca: certificatesSchema.optional(), clientCertificate: certificatesSchema.optional() }
const common = { id: idSchema, name: lineSchema() }

export const sinkSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('postgresql'),
    host,
    port,
    database: lineSchema(63),
    user: lineSchema(63),
    schema: sqlName,
  }),
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('syslog'),
    host,
    port,
    /** RFC 5424 section 6.2.1, 0 to 23. */
    facility: z.number().int().min(0).max(23),
  }),
  z.strictObject({
    ...common,
    ...tls,
    kind: z.literal('https'),
    url: z.url({ protocol: /^https$/ }).max(2048),
    mode: z.enum(['cloudevents', 'splunk-hec']),
    /** `token`: a bearer token, in Splunk's own form where the mode is Splunk's. */
    auth: z.enum(['none', 'token', 'client-certificate']),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('folder'),
    /** Absolute: a mounted share or stick. */
    path: z
      .string()
      .min(2)
      .max(1024)
      .regex(/^(\/|[A-Za-z]:\\|\\\\)[^\0]*$/),
  }),
])
export type SinkSettings = z.infer<typeof sinkSchema>
export type SinkKind = SinkSettings['kind']
export type SinkOf<K extends SinkKind> = Extract<SinkSettings, { kind: K }>

/** What a sink needs to let us in: `password` (postgresql), `token` (https), `clientKey` (PEM, beside `clientCertificate`). */
export const sinkSecretSchema = z.strictObject({
  password: z.string().min(1).max(1024).optional(),
  token: z
    .string()
    .max(8192)
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  clientKey: z
    .string()
    .max(32_768)
    .regex(/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----\s*$/)
    .optional(),
})
export type SinkSecret = z.infer<typeof sinkSecretSchema>

/** Where this station keeps a sink's secret: the system's keychain, or a file that only this user may read. */
export const keptSecretSchema = z.enum(['keychain', 'file'])
export type KeptSecret = z.infer<typeof keptSecretSchema>

/** True when a sink with these settings can not do without a secret. */
export function needsSecret(sink: SinkSettings): boolean {
  switch (sink.kind) {
    case 'postgresql':
      return true
    case 'syslog':
      return sink.clientCertificate !== undefined
    case 'https':
      return sink.auth !== 'none'
    case 'folder':
      return false
  }
}

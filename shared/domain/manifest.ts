/** The manifest: who holds what. Signed, versioned, verified from genesis at every open (docs/format.md). */
import { z } from 'zod'
import { limits } from '../limits.ts'
import { bytesSchema, blobSchema, hashSchema, idSchema, lineSchema, timestampSchema } from './forms.ts'
import { alertSettingsSchema } from './alert.ts'
import { sinkSchema } from './sink.ts'

export const roleSchema = z.enum(['custodian', 'requester', 'lead', 'witness', 'auditor'])
export type Role = z.infer<typeof roleSchema>

/** Public key of a security key, as in a JWK (RFC 7517): ES256 on P-256, or Ed25519. */
export const publicKeySchema = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: bytesSchema(32), y: bytesSchema(32) }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: bytesSchema(32) }),
])
export type SecurityKeyPublicKey = z.infer<typeof publicKeySchema>

/** base64url credential id as WebAuthn gives it (at most 1023 bytes). */
export const credentialIdSchema = blobSchema(1023).min(1)

export const aaguidSchema = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

export const securityKeySchema = z.strictObject({
  credentialId: credentialIdSchema,
  label: lineSchema(limits.labelLength),
  publicKey: publicKeySchema,
  aaguid: aaguidSchema,
  transports: z.array(z.enum(['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable'])).max(8),
  enrolledAt: timestampSchema,
  /** What the attestation statement proved, where one was asked for: its format, and the model it was checked against. */
  attestation: z.strictObject({ format: lineSchema(40), model: lineSchema(120) }).optional(),
})
export type SecurityKey = z.infer<typeof securityKeySchema>

export const personSchema = z.strictObject({
  id: idSchema,
  name: lineSchema(),
  roles: z.array(roleSchema).max(5),
  keys: z.array(securityKeySchema).max(limits.keysPerPerson),
})
export type Person = z.infer<typeof personSchema>

export const safePolicySchema = z.strictObject({
  windowSecondsMin: z.number().int().min(limits.windowSecondsMin).max(limits.windowSecondsMax),
  windowSecondsMax: z.number().int().min(limits.windowSecondsMin).max(limits.windowSecondsMax),
  requesterMayTap: z.boolean(),
  copyAllowed: z.boolean(),
  /** Only keys of these models (AAGUIDs), proved by attestation, may be enrolled for custodians. Absent: any. */
  models: z.array(aaguidSchema).min(1).max(limits.models).optional(),
  /** Custodians' wraps need a passphrase besides the key. Absent: no. */
  passphrase: z.literal(true).optional(),
  /**
   * A time-delay lock, for credentials that are not for outages: after the quorum a request waits so long, and any of these people
   * can stop it with a tap; then a quorum taps once more. Absent: no wait.
   */
  delay: z
    .strictObject({
      seconds: z.number().int().min(limits.delaySecondsMin).max(limits.delaySecondsMax),
      vetoers: z.array(idSchema).min(1).max(limits.vetoers),
    })
    .optional(),
})
export type SafePolicy = z.infer<typeof safePolicySchema>

/** One custodian's place in a safe: `index` is the share's x coordinate (1..n), `publicKey` their X25519 key for this safe. */
export const custodyOfSchema = z.strictObject({
  person: idSchema,
  index: z.number().int().min(1).max(limits.custodians),
  publicKey: bytesSchema(32),
})

export const safeSchema = z.strictObject({
  id: idSchema,
  name: lineSchema(),
  threshold: z.number().int().min(limits.thresholdMin).max(limits.custodians),
  custodians: z.array(custodyOfSchema).min(limits.thresholdMin).max(limits.custodians),
  policy: safePolicySchema,
})
export type Safe = z.infer<typeof safeSchema>

/** A model of security key and the certificates that vouch for it: pinned here, so that no look-up is ever needed. */
export const keyModelSchema = z.strictObject({
  aaguid: aaguidSchema,
  name: lineSchema(120),
  /** DER certificates, base64url: roots or the attestation certificates themselves (FIDO MDS). */
  roots: z.array(blobSchema(4096)).min(1).max(16),
})
export type KeyModel = z.infer<typeof keyModelSchema>

export const manifestSchema = z.strictObject({
  format: z.literal('halligan/manifest/v1'),
  vault: idSchema,
  name: lineSchema(),
  version: z.number().int().min(1),
  /** Hash of the version before; null in version 1. */
  previous: hashSchema.nullable(),
  createdAt: timestampSchema,
  /** How many distinct custodians of this version must sign the next one. */
  quorum: z.number().int().min(limits.thresholdMin).max(limits.custodians),
  persons: z.array(personSchema).max(limits.persons),
  safes: z.array(safeSchema).max(limits.safes),
  stations: z.array(z.strictObject({ id: idSchema, name: lineSchema(), firstKey: bytesSchema(32) })).max(64),
  /** Every model that a safe's policy names. Absent: none is named. */
  models: z.array(keyModelSchema).min(1).max(limits.models).optional(),
  /** Where the log syncs to. Absent: nowhere. */
  sinks: z.array(sinkSchema).min(1).max(limits.sinks).optional(),
  /** Who is alerted of what. Absent: nobody. */
  alerts: alertSettingsSchema.optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Sealed credentials: the record on disk, its header, and the wraps of custodians' secret keys (docs/format.md). */
import { z } from 'zod'
import { limits } from '../limits.ts'
import { bytesSchema, blobSchema, hashSchema, idSchema, lineSchema, textSchema, timestampSchema } from './forms.ts'
import { credentialIdSchema } from './manifest.ts'

/** The suite every v1 object names, so that another can come later. */
export const suite = 'xchacha20poly1305-ietf+x25519-sealedbox+shamir-gf256' as const
export const wrapSuite = 'webauthn-prf+blake2b-256+xchacha20poly1305-ietf' as const
/** Of wraps that need a passphrase besides the key. */
export const passphraseWrapSuite = 'webauthn-prf+argon2id13+blake2b-256+xchacha20poly1305-ietf' as const

export const credentialKindSchema = z.enum([
  'login',
  'secret-text',
  'ssh-key',
  'api-token',
  'totp',
  'recovery-codes',
  'key-values',
  'file',
])
export type CredentialKind = z.infer<typeof credentialKindSchema>

export const recordHeaderSchema = z.strictObject({
  format: z.literal('halligan/credential/v1'),
  suite: z.literal(suite),
  vault: idSchema,
  safe: idSchema,
  credential: idSchema,
  version: z.number().int().min(1),
  manifest: z.strictObject({ version: z.number().int().min(1), hash: hashSchema }),
  name: lineSchema(),
  kind: credentialKindSchema,
  /** Pre-approved people: who may ask for it. */
  requesters: z.array(idSchema).min(1).max(limits.persons),
  rotationDays: z.number().int().min(1).max(limits.rotationDaysMax),
  /** How it is rotated: read aloud in ceremonies, written into the log, no secret. Absent: nothing was written. */
  rotationNote: textSchema(limits.rotationNoteLength).min(1).optional(),
  sealedBy: idSchema,
  sealedAt: timestampSchema,
  threshold: z.number().int().min(limits.thresholdMin).max(limits.custodians),
  /** Commitment to the content key. */
  keyCommitment: hashSchema,
  /** In order of index. `commitment` binds the share, `box` is SHA-256 of the sealed box. */
  shares: z
    .array(
      z.strictObject({
        custodian: idSchema,
        index: z.number().int().min(1).max(limits.custodians),
        commitment: hashSchema,
        box: hashSchema,
      }),
    )
    .min(limits.thresholdMin)
    .max(limits.custodians),
  nonce: bytesSchema(24),
})
export type RecordHeader = z.infer<typeof recordHeaderSchema>

/** A sealed credential version: `boxes[i]` belongs to `header.shares[i]`; `body` is the AEAD ciphertext with its tag. */
export const sealedRecordSchema = z.strictObject({
  header: recordHeaderSchema,
  boxes: z.array(blobSchema(2048)).max(limits.custodians),
  body: blobSchema(limits.fileBytes + limits.runbookBytes + limits.fields * limits.fieldBytes),
})
export type SealedRecord = z.infer<typeof sealedRecordSchema>

/** How a passphrase is stretched: Argon2id, version 1.3, one lane. `memory` in bytes. */
export const stretchSchema = z.strictObject({
  salt: bytesSchema(16),
  passes: z.number().int().min(1).max(16),
  memory: z.number().int().min(8192).max(1_073_741_824),
})
export type Stretch = z.infer<typeof stretchSchema>

const wrapMembers = {
  vault: idSchema,
  safe: idSchema,
  person: idSchema,
  key: credentialIdSchema,
  publicKey: bytesSchema(32),
  salt: bytesSchema(32),
  nonce: bytesSchema(24),
  box: bytesSchema(48),
}

/** A custodian's X25519 secret key for one safe, under one of their security keys. */
const plainWrapSchema = z.strictObject({
  format: z.literal('halligan/wrap/v1'),
  suite: z.literal(wrapSuite),
  ...wrapMembers,
})

/** The same under the key and a passphrase. `check` tells a wrong passphrase from a wrong key. */
export const passphraseWrapSchema = z.strictObject({
  format: z.literal('halligan/wrap/v2'),
  suite: z.literal(passphraseWrapSuite),
  ...wrapMembers,
  stretch: stretchSchema,
  check: bytesSchema(32),
})
export type PassphraseWrap = z.infer<typeof passphraseWrapSchema>

export const wrapSchema = z.discriminatedUnion('format', [plainWrapSchema, passphraseWrapSchema])
export type Wrap = z.infer<typeof wrapSchema>

/** Whether a wrap asks for a passphrase. */
export const needsPassphrase = (wrap: Wrap): wrap is PassphraseWrap => wrap.format === 'halligan/wrap/v2'

/** What is known of a field without its value: how to show it. Lives inside the sealed payload. */
export const fieldTypeSchema = z.enum(['text', 'multiline', 'totp', 'codes', 'file'])
export type FieldType = z.infer<typeof fieldTypeSchema>

export const totpSchema = z.strictObject({
  algorithm: z.enum(['SHA1', 'SHA256', 'SHA512']),
  digits: z.union([z.literal(6), z.literal(7), z.literal(8)]),
  period: z.number().int().min(10).max(120),
})
export type TotpParameters = z.infer<typeof totpSchema>

export const payloadFieldSchema = z.strictObject({
  id: z
    .number()
    .int()
    .min(0)
    .max(limits.fields - 1),
  label: lineSchema(limits.labelLength),
  type: fieldTypeSchema,
  secret: z.boolean(),
  /** Bytes of the value in the payload. */
  length: z.number().int().min(0).max(limits.fileBytes),
  totp: totpSchema.nullable(),
  fileName: lineSchema(200).nullable(),
})
export type PayloadField = z.infer<typeof payloadFieldSchema>

export const payloadIndexSchema = z.strictObject({
  format: z.literal('halligan/payload/v1'),
  runbook: z.number().int().min(0).max(limits.runbookBytes),
  fields: z.array(payloadFieldSchema).min(1).max(limits.fields),
})
export type PayloadIndex = z.infer<typeof payloadIndexSchema>

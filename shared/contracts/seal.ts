/** A strongroom process serves, the seal page calls. Values travel as bytes and go to no other process. */
import { z } from 'zod'
import { credentialKindSchema, fieldTypeSchema, totpSchema } from '../domain/credential.ts'
import { idSchema, lineSchema } from '../domain/forms.ts'
import { limits } from '../limits.ts'
import { defineContract } from './contract.ts'

/** A Uint8Array of at most `max` bytes (structured clone keeps it binary; it is never turned into text on the way). */
export const rawBytesSchema = (max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max)

export const enteredFieldSchema = z.strictObject({
  label: lineSchema(limits.labelLength),
  type: fieldTypeSchema,
  secret: z.boolean(),
  /** text, multiline: UTF-8; totp: the raw shared secret (decoded base32); codes: UTF-8, one code a line; file: its bytes. */
  value: rawBytesSchema(limits.fileBytes),
  totp: totpSchema.nullable(),
  fileName: lineSchema(200).nullable(),
})
export type EnteredField = z.infer<typeof enteredFieldSchema>

export const sealContract = defineContract({
  name: 'seal',
  calls: {
    begin: {
      input: z.strictObject({}),
      output: z.strictObject({
        name: lineSchema(),
        kind: credentialKindSchema,
        version: z.number().int().min(1),
        safe: lineSchema(),
        sealedBy: lineSchema(),
        custodians: z.array(lineSchema()).max(limits.custodians),
        threshold: z.number().int(),
        /** Whether what was generated here may be copied, to set it where it is for. */
        copyAllowed: z.boolean(),
      }),
    },
    /** Bytes of libsodium's generator, to make a secret of. */
    random: {
      input: z.strictObject({ length: z.number().int().min(1).max(1024) }),
      output: z.strictObject({ bytes: rawBytesSchema(1024) }),
    },
    /** A fresh Ed25519 pair: an OpenSSH private key file, and the line for `authorized_keys`. */
    sshKey: {
      input: z.strictObject({ comment: lineSchema() }),
      output: z.strictObject({ privateKey: rawBytesSchema(2048), publicKey: lineSchema(300) }),
    },
    /** The page is about to copy with this marker; main clears the clipboard later if it is still there. COPY_NOT_ALLOWED. */
    copy: { input: z.strictObject({}), output: z.strictObject({ marker: idSchema }) },
    /** Encrypts at once. Rejects with CREDENTIAL_INVALID {field} when a value does not fit its type; nothing is kept then. */
    submit: {
      input: z.strictObject({
        runbook: rawBytesSchema(limits.runbookBytes),
        fields: z.array(enteredFieldSchema).min(1).max(limits.fields),
      }),
      output: z.strictObject({}),
    },
    cancel: { input: z.strictObject({}), output: z.strictObject({}) },
  },
  events: {},
})

/**
 * The tap page serves, a strongroom process calls. The page shows what is approved, calls WebAuthn and answers; it
 * encrypts the PRF output itself to `strongroomKey`, so that no host of the page sees it.
 */
import { z } from 'zod'
import { blobSchema, bytesSchema, lineSchema, textSchema } from '../domain/forms.ts'
import { credentialIdSchema, securityKeySchema } from '../domain/manifest.ts'
import { assertionSchema } from '../domain/tap.ts'
import { errorCodes } from '../errors.ts'
import { limits } from '../limits.ts'
import { defineContract } from './contract.ts'

const transports = securityKeySchema.shape.transports

/** Everything a person reads before touching: the strongroom writes it from what it verified. */
export const tapViewSchema = z.strictObject({
  /** What kind of thing is approved: chooses the page's heading and picture. */
  kind: z.enum([
    'enrol',
    'acknowledge',
    'seal',
    'request',
    'request-opening',
    'classify',
    'export',
    'add-key',
    'amend',
    'key-drill',
    'passphrase',
    'prove',
    'reshare',
    'destroy',
    'ceremony-open',
    'ceremony-cancel',
    'minutes',
    'veto',
  ]),
  title: lineSchema(200),
  /** All of what is signed; nothing may be cut to fit. */
  lines: z
    .array(z.strictObject({ label: lineSchema(100), value: textSchema(32_768) }))
    .max(limits.persons + limits.safes + 16),
  /** Who may touch now, and who has. */
  people: z
    .array(z.strictObject({ name: lineSchema(), state: z.enum(['waiting', 'tapped', 'not-needed']) }))
    .max(limits.persons),
  have: z.number().int().min(0).max(limits.persons),
  need: z.number().int().min(0).max(limits.persons),
  /** What to do now, one sentence. */
  instruction: lineSchema(200),
})
export type TapView = z.infer<typeof tapViewSchema>

/** Name of the DOMException that WebAuthn gave; the strongroom maps it to a code. */
const failure = z.strictObject({
  ok: z.literal(false),
  name: z.enum([
    'NotAllowedError',
    'InvalidStateError',
    'AbortError',
    'SecurityError',
    'NotSupportedError',
    'UnknownError',
    'TimeoutError',
  ]),
})

export const allowedKeySchema = z.strictObject({
  id: credentialIdSchema,
  transports,
  /** PRF inputs of this touch: the current salt and a fresh one. Null asks the key for identity only. */
  salts: z.strictObject({ first: bytesSchema(32), second: bytesSchema(32).nullable() }).nullable(),
})

/** PRF outputs (32 or 64 bytes) under ECDH P-256 + HKDF-SHA-256 + AES-256-GCM (docs/format.md, "Tap channel"). */
export const tapSecretSchema = z.strictObject({
  pageKey: bytesSchema(65),
  iv: bytesSchema(12),
  box: blobSchema(96),
})
export type TapSecret = z.infer<typeof tapSecretSchema>

/**
 * A passphrase, padded to 256 bytes so that its length does not show, under the same cipher with an `info` of its own.
 */
export const tapPassphraseSchema = z.strictObject({
  pageKey: bytesSchema(65),
  iv: bytesSchema(12),
  box: bytesSchema(272),
})
export type TapPassphrase = z.infer<typeof tapPassphraseSchema>

const tapAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    key: credentialIdSchema,
    assertion: assertionSchema,
    secret: tapSecretSchema.nullable(),
    /** What was entered, if it was asked for and something was. */
    passphrase: tapPassphraseSchema.optional(),
  }),
  failure,
])
export type TapAnswer = z.infer<typeof tapAnswerSchema>

const createAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    key: credentialIdSchema,
    attestationObject: blobSchema(16_384),
    clientDataJSON: blobSchema(4096),
    transports,
  }),
  failure,
])
export type CreateAnswer = z.infer<typeof createAnswerSchema>

const passphraseAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), passphrase: tapPassphraseSchema }),
  failure,
])
export type PassphraseAnswer = z.infer<typeof passphraseAnswerSchema>

export const tapContract = defineContract({
  name: 'tap',
  calls: {
    /** Shows what is approved. Must be called before the first touch and whenever it changes. */
    show: { input: tapViewSchema, output: z.strictObject({}) },
    /** WebAuthn create: non-discoverable, UV required, ES256 or Ed25519, PRF asked for, attestation as asked for. */
    create: {
      input: z.strictObject({
        challenge: bytesSchema(32),
        userId: bytesSchema(32),
        userName: lineSchema(200),
        exclude: z
          .array(z.strictObject({ id: credentialIdSchema, transports }))
          .max(limits.persons * limits.keysPerPerson),
        /** `direct` only where a safe's policy names models: browsers ask the person whether they mind. */
        attestation: z.enum(['none', 'direct']),
        timeoutMs: z.number().int().min(1000).max(600_000),
      }),
      output: createAnswerSchema,
    },
    /** WebAuthn get with exactly these keys. */
    get: {
      input: z.strictObject({
        challenge: bytesSchema(32),
        allow: z
          .array(allowedKeySchema)
          .min(1)
          .max(limits.persons * limits.keysPerPerson),
        /** Raw uncompressed P-256 point of the strongroom's ephemeral key for this touch. */
        strongroomKey: bytesSchema(65),
        timeoutMs: z.number().int().min(1000).max(600_000),
        /** ask: a passphrase is entered before the key is asked; offer: the same, and it may be left empty. */
        passphrase: z.enum(['ask', 'offer']).optional(),
      }),
      output: tapAnswerSchema,
    },
    /** Has a new passphrase chosen, twice the same and not easily guessed. `challenge` is good for this answer only. */
    choosePassphrase: {
      input: z.strictObject({ challenge: bytesSchema(32), strongroomKey: bytesSchema(65) }),
      output: passphraseAnswerSchema,
    },
    /** Feedback on the touch just made: seen and heard within 200 ms. `person` is whose touch it was. */
    feedback: {
      input: z.discriminatedUnion('accepted', [
        z.strictObject({ accepted: z.literal(true), person: lineSchema() }),
        z.strictObject({ accepted: z.literal(false), code: z.enum(errorCodes), person: lineSchema().nullable() }),
      ]),
      output: z.strictObject({}),
    },
  },
  events: {
    /** The person pressed Cancel. */
    cancelled: z.strictObject({}),
  },
})

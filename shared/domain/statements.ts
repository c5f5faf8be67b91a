/** What a tap approves. Its challenge is SHA-256 of the domain string and the canonical statement (docs/format.md). */
import { z } from 'zod'
import { credentialIdSchema } from './manifest.ts'
import { selectionSchema } from './selection.ts'
import { limits } from '../limits.ts'
import { bytesSchema, countSchema, hashSchema, idSchema, lineSchema, textSchema, timestampSchema } from './forms.ts'

/** Size and RFC 6962 root of the audit log: what a tap co-signs. */
export const headSchema = z.strictObject({ size: countSchema, root: hashSchema })
export type LogHead = z.infer<typeof headSchema>

/** Domain string purpose `request`: asking for one version of one credential. */
export const requestStatementSchema = z.strictObject({
  format: z.literal('halligan/request/v1'),
  vault: idSchema,
  request: idSchema,
  safe: idSchema,
  credential: idSchema,
  version: z.number().int().min(1),
  /** Only when an older version is asked for: the newest one there is, so that whoever approves knows which they approve. */
  newest: z.number().int().min(2).optional(),
  /** Record hash of `version`. */
  record: hashSchema,
  manifest: hashSchema,
  reason: textSchema(limits.reasonLength).min(1),
  incident: lineSchema(limits.incidentLength).nullable(),
  requester: idSchema,
  windowSeconds: z.number().int().min(limits.windowSecondsMin).max(limits.windowSecondsMax),
  createdAt: timestampSchema,
  station: idSchema,
  head: headSchema,
  nonce: bytesSchema(32),
  /**
   * Only after a wait: challenge of the statement that a quorum approved before it. All else but `createdAt`, `head` and `nonce` is
   * the same in both.
   */
  first: hashSchema.optional(),
})
export type RequestStatement = z.infer<typeof requestStatementSchema>

/** `version 3 (the newest is 4)`: which version a request is for. @param newest absent or null when it is that one */
export const sayVersion = (version: number, newest?: number | null): string =>
  newest === undefined || newest === null ? `version ${version}` : `version ${version} (the newest is ${newest})`

export const outcomeSchema = z.enum(['drill', 'emergency', 'misuse'])
export type Outcome = z.infer<typeof outcomeSchema>

/** What one named person does with one tap, without a quorum. */
export const actDetailSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('seal'),
    safe: idSchema,
    credential: idSchema,
    version: z.number().int().min(1),
    name: lineSchema(),
    record: hashSchema,
  }),
  z.strictObject({
    kind: z.literal('classify'),
    request: idSchema,
    // What the request was, as the log has it: the person must see what their word is about, and sign what they saw.
    credential: idSchema,
    credentialName: lineSchema(),
    version: z.number().int().min(1),
    requester: idSchema,
    grantedAt: timestampSchema,
    outcome: outcomeSchema,
    note: textSchema(limits.noteLength),
  }),
  /** `selection`: absent when it is the whole log. */
  z.strictObject({
    kind: z.literal('export'),
    size: countSchema,
    root: hashSchema,
    selection: selectionSchema.optional(),
  }),
  /** A key drill: the key opens its wraps for these safes; nothing is revealed. */
  z.strictObject({
    kind: z.literal('key-drill'),
    key: credentialIdSchema,
    safes: z.array(idSchema).max(limits.safes),
  }),
  /** A new passphrase for the wraps of this key. */
  z.strictObject({
    kind: z.literal('passphrase'),
    key: credentialIdSchema,
    safes: z.array(idSchema).max(limits.safes),
  }),
  /** An old version's record is erased for good. */
  z.strictObject({
    kind: z.literal('destroy'),
    credential: idSchema,
    version: z.number().int().min(1),
    name: lineSchema(),
    record: hashSchema,
  }),
  /** `script`: SHA-256 of its canonical message (domain string `script`). */
  z.strictObject({
    kind: z.literal('ceremony-open'),
    ceremony: idSchema,
    ceremonyKind: z.enum(['rotation', 'people', 'drill', 'table-top']),
    title: lineSchema(120),
    script: hashSchema,
    steps: countSchema,
  }),
  /** A waiting request is stopped for good. */
  z.strictObject({
    kind: z.literal('veto'),
    request: idSchema,
    // What is stopped, as the log has it.
    credential: idSchema,
    credentialName: lineSchema(),
    version: z.number().int().min(1),
    requester: idSchema,
    waitingSince: timestampSchema,
    reason: textSchema(limits.noteLength).min(1),
  }),
  z.strictObject({
    kind: z.literal('ceremony-cancel'),
    ceremony: idSchema,
    title: lineSchema(120),
    reason: textSchema(limits.noteLength).min(1),
  }),
])
export type ActDetail = z.infer<typeof actDetailSchema>

/** Domain string purpose `act`. */
export const actStatementSchema = z.strictObject({
  format: z.literal('halligan/act/v1'),
  vault: idSchema,
  act: idSchema,
  person: idSchema,
  manifest: hashSchema,
  detail: actDetailSchema,
  createdAt: timestampSchema,
  station: idSchema,
  head: headSchema,
  nonce: bytesSchema(32),
})
export type ActStatement = z.infer<typeof actStatementSchema>

/** Domain string purpose `enrolment`: the proof, in up to a few touches, that a key works for this person. */
export const enrolmentStatementSchema = z.strictObject({
  format: z.literal('halligan/enrolment/v1'),
  vault: idSchema,
  person: idSchema,
  name: lineSchema(),
  label: lineSchema(limits.labelLength),
  /** 0 = create, 1.. = the gets. Each touch has its own challenge. */
  step: z.number().int().min(0).max(200),
  station: idSchema,
  nonce: bytesSchema(32),
})
export type EnrolmentStatement = z.infer<typeof enrolmentStatementSchema>

/** What several people do together, each with a tap on the same statement. */
export const jointDetailSchema = z.discriminatedUnion('kind', [
  /** Enough custodians open their shares of these records, up to the content key's commitment; nothing is decrypted. */
  z.strictObject({
    kind: z.literal('prove'),
    purpose: z.enum(['drill', 'rotation']),
    safe: idSchema,
    records: z
      .array(
        z.strictObject({
          credential: idSchema,
          version: z.number().int().min(1),
          name: lineSchema(),
          record: hashSchema,
        }),
      )
      .min(1)
      .max(limits.proofRecords),
  }),
  /** Every custodian of the changed safes has opened and checked their own new shares. */
  z.strictObject({
    kind: z.literal('reshare'),
    /** The manifest that the new records are sealed to. */
    next: z.strictObject({ version: z.number().int().min(2), hash: hashSchema }),
    /** How many records, and the RFC 6962 root over them (docs/format.md). */
    records: countSchema,
    root: hashSchema,
  }),
  /** `minutes`: SHA-256 of their canonical message (domain string `minutes`). */
  z.strictObject({ kind: z.literal('minutes'), ceremony: idSchema, title: lineSchema(120), minutes: hashSchema }),
])
export type JointDetail = z.infer<typeof jointDetailSchema>

/** Domain string purpose `joint`. */
export const jointStatementSchema = z.strictObject({
  format: z.literal('halligan/joint/v1'),
  vault: idSchema,
  act: idSchema,
  manifest: hashSchema,
  detail: jointDetailSchema,
  createdAt: timestampSchema,
  station: idSchema,
  head: headSchema,
  nonce: bytesSchema(32),
})
export type JointStatement = z.infer<typeof jointStatementSchema>

/**
 * The audit log's entries: every type with the exact shape of its data. An entry never holds a secret; free text is
 * bounded. Stored and exported as the canonical bytes that were hashed.
 */
import { z } from 'zod'
import { errorCodes } from '../errors.ts'
import { limits } from '../limits.ts'
import {
  bytesSchema,
  countSchema,
  hashSchema,
  idSchema,
  lineSchema,
  textSchema,
  timestampSchema,
} from '../domain/forms.ts'
import { credentialKindSchema } from '../domain/credential.ts'
import { credentialIdSchema, securityKeySchema } from '../domain/manifest.ts'
import {
  initialsSchema,
  ceremonyKindSchema,
  minutesSchema,
  scriptSchema,
  stepResultSchema,
} from '../domain/ceremony.ts'
import { actStatementSchema, jointStatementSchema, requestStatementSchema } from '../domain/statements.ts'
import { alertEventSchema } from '../domain/alert.ts'
import { tapPageRefusalSchema } from '../domain/tap-place.ts'
import { assertionSchema } from '../domain/tap.ts'

const fieldSchema = z.strictObject({
  request: idSchema,
  credential: idSchema,
  field: z
    .number()
    .int()
    .min(0)
    .max(limits.fields - 1),
  label: lineSchema(limits.labelLength),
})

/** Why a window ended, or a strongroom process with it. */
export const closeReasonSchema = z.enum([
  'time-elapsed',
  'hidden-by-person',
  'window-closed',
  'screen-locked',
  'suspended',
  'app-quit',
  'reveal-window-died',
  'record-failed',
  'strongroom-died',
  'vault-died',
])
export type CloseReason = z.infer<typeof closeReasonSchema>

/** A statement about the vault that one person approved with one tap. */
const actedSchema = { statement: actStatementSchema, key: credentialIdSchema, assertion: assertionSchema }

/** Data of every entry type (DESIGN: what an entry of the timeline looks like). */
export const entryData = {
  'vault.created': z.strictObject({ vault: idSchema, name: lineSchema(), station: lineSchema(), key: bytesSchema(32) }),
  'app.opened': z.strictObject({ version: lineSchema() }),
  'app.closed': z.strictObject({ reason: z.enum(['quit', 'crash-recovered']) }),
  'log.key-rotated': z.strictObject({
    key: bytesSchema(32),
    previousKey: bytesSchema(32),
    /** Ed25519 by the previous key over the `station-key` message (docs/format.md). */
    signature: bytesSchema(64),
  }),
  'clock.jumped': z.strictObject({ byMs: z.number().int() }),
  'storage.ballast-released': z.strictObject({ bytes: countSchema }),
  'key.enrolled': z.strictObject({
    person: idSchema,
    name: lineSchema(),
    key: securityKeySchema,
    safes: z.array(idSchema).max(limits.safes),
  }),
  'manifest.signed': z.strictObject({
    version: countSchema,
    hash: hashSchema,
    person: idSchema,
    key: credentialIdSchema,
    assertion: assertionSchema,
  }),
  'manifest.changed': z.strictObject({ version: countSchema, hash: hashSchema }),
  'credential.sealed': z.strictObject({
    credential: idSchema,
    version: z.number().int().min(1),
    safe: idSchema,
    name: lineSchema(),
    kind: credentialKindSchema,
    record: hashSchema,
    statement: actStatementSchema,
    key: credentialIdSchema,
    assertion: assertionSchema,
  }),
  'request.opened': z.strictObject({ statement: requestStatementSchema, credentialName: lineSchema() }),
  'tap.accepted': z.strictObject({
    operation: idSchema,
    /** The request that this tap approved, if the operation is a request. */
    request: idSchema.nullable(),
    person: idSchema,
    key: credentialIdSchema,
    assertion: assertionSchema,
    /** True when it counts towards the quorum (false: the requester's own tap where policy keeps them out). */
    counts: z.boolean(),
    /** Authenticator signature counter; 0 when the key keeps none. */
    signCount: countSchema,
    signCountWentBack: z.boolean(),
  }),
  'tap.refused': z.strictObject({
    operation: idSchema,
    request: idSchema.nullable(),
    code: z.enum(errorCodes),
    person: idSchema.nullable(),
    key: credentialIdSchema.nullable(),
  }),
  'request.granted': z.strictObject({
    request: idSchema,
    credential: idSchema,
    version: z.number().int().min(1),
    approvals: z.array(idSchema).max(limits.custodians),
    windowSeconds: z.number().int().min(limits.windowSecondsMin).max(limits.windowSecondsMax),
  }),
  /** A quorum approved a request of a safe that makes requests wait. Nothing is opened yet. */
  'request.waiting': z.strictObject({
    request: idSchema,
    credential: idSchema,
    version: z.number().int().min(1),
    approvals: z.array(idSchema).max(limits.custodians),
    delaySeconds: z.number().int().min(limits.delaySecondsMin).max(limits.delaySecondsMax),
  }),
  /** It has waited long enough, and a quorum is asked for taps on this statement. */
  'request.resumed': z.strictObject({ statement: requestStatementSchema }),
  /** Somebody who may has stopped it while it waited. */
  'request.vetoed': z.strictObject({ request: idSchema, ...actedSchema }),
  'field.shown': fieldSchema,
  'field.copied': fieldSchema,
  'code.burned': z.strictObject({
    request: idSchema,
    credential: idSchema,
    version: z.number().int().min(1),
    field: z
      .number()
      .int()
      .min(0)
      .max(limits.fields - 1),
    code: z
      .number()
      .int()
      .min(0)
      .max(limits.recoveryCodes - 1),
  }),
  'window.closed': z.strictObject({ request: idSchema, reason: closeReasonSchema, openedMs: countSchema }),
  'request.cancelled': z.strictObject({
    request: idSchema,
    reason: closeReasonSchema.or(z.enum(['cancelled', 'outdated'])),
  }),
  'request.expired': z.strictObject({ request: idSchema }),
  'request.failed': z.strictObject({ request: idSchema, code: z.enum(errorCodes), custodian: idSchema.nullable() }),
  /** A key drill: this tap opened every wrap that the key holds for these safes. */
  'drill.passed': z.strictObject({
    kind: z.literal('key'),
    ...actedSchema,
    /** As in tap.accepted. */
    signCount: countSchema,
    signCountWentBack: z.boolean(),
  }),
  'drill.failed': z.strictObject({
    kind: z.literal('key'),
    person: idSchema,
    key: credentialIdSchema,
    code: z.enum(errorCodes),
  }),
  'passphrase.changed': z.strictObject(actedSchema),
  /** Somebody who is not the tap page knocked at its door while it stood in the system's browser. `count`: since the last such entry. */
  'tap-page.refused': z.strictObject({
    operation: idSchema,
    code: tapPageRefusalSchema,
    count: z.number().int().min(1),
  }),
  'request.classified': z.strictObject({
    request: idSchema,
    statement: actStatementSchema,
    key: credentialIdSchema,
    assertion: assertionSchema,
  }),
  'operation.ended': z.strictObject({
    operation: idSchema,
    kind: z.enum([
      'enrol',
      'acknowledge',
      'seal',
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
    result: z.enum(['done', 'cancelled', 'failed']),
    code: z.enum(errorCodes).nullable(),
  }),
  'export.made': z.strictObject({
    size: countSchema,
    root: hashSchema,
    /** SHA-256 of the exported log.jsonl. */
    digest: hashSchema,
    /** Who signed for it; null when made with the command line. */
    signed: z
      .strictObject({ statement: actStatementSchema, key: credentialIdSchema, assertion: assertionSchema })
      .nullable(),
  }),
  /** A sink has durably everything up to `size`. Once for each burst of entries, never for such an entry alone. */
  'sync.acknowledged': z.strictObject({ sink: idSchema, name: lineSchema(), size: countSchema, root: hashSchema }),
  /**
   * A sink holds another log than this station: somebody rewrote one of the two. Hashes are leaf hashes of entry `size` - 1. Equal
   * ones (both null of `size` 0): it holds our log up to there, and had acknowledged more.
   */
  'sync.diverged': z.strictObject({
    sink: idSchema,
    name: lineSchema(),
    size: countSchema,
    /** Null: our log is shorter than that. */
    ours: hashSchema.nullable(),
    /** Null: it did not say. */
    theirs: hashSchema.nullable(),
  }),
  /** Several people are asked for their taps on one statement. */
  'joint.opened': z.strictObject({ statement: jointStatementSchema }),
  /** One of them has tapped. */
  'joint.signed': z.strictObject({
    act: idSchema,
    person: idSchema,
    key: credentialIdSchema,
    assertion: assertionSchema,
    /** As in tap.accepted. */
    signCount: countSchema,
    signCountWentBack: z.boolean(),
  }),
  /** Enough custodians opened their shares of all records of the joint statement: each gave the content key that was sealed under. */
  'proof.passed': z.strictObject({
    act: idSchema,
    purpose: z.enum(['drill', 'rotation']),
    safe: idSchema,
    people: z.array(idSchema).min(1).max(limits.custodians),
    durationMs: countSchema,
  }),
  'proof.failed': z.strictObject({
    act: idSchema,
    purpose: z.enum(['drill', 'rotation']),
    safe: idSchema,
    /** Whose shares were opened. */
    people: z.array(idSchema).max(limits.custodians),
    /** Why it ended, and whose taps had failed why. */
    code: z.enum(errorCodes),
    failures: z.array(z.strictObject({ person: idSchema.nullable(), code: z.enum(errorCodes) })).max(limits.custodians),
    durationMs: countSchema,
  }),
  /** A record was sealed anew, under a fresh content key, to the custodians of the next manifest; the secret is the same. */
  'credential.resealed': z.strictObject({
    credential: idSchema,
    version: z.number().int().min(1),
    name: lineSchema(),
    /** The safe that it is in from now on. */
    safe: idSchema,
    /** Record hashes before and after. */
    previous: hashSchema,
    record: hashSchema,
    /** Hash of the next manifest, which follows in this log at once. */
    manifest: hashSchema,
    /** The joint statement under which every new share was checked. */
    act: idSchema,
    /** Who held a share until now and holds none any more: the secret must be rotated. */
    leavers: z.array(idSchema).max(limits.custodians),
  }),
  /** An old version's record was erased. */
  'credential.destroyed': z.strictObject({
    credential: idSchema,
    version: z.number().int().min(1),
    name: lineSchema(),
    ...actedSchema,
  }),
  'ceremony.opened': z.strictObject({
    ceremony: idSchema,
    kind: ceremonyKindSchema,
    title: lineSchema(120),
    lead: idSchema,
    witnesses: z.array(idSchema).max(limits.persons),
    script: scriptSchema,
    ...actedSchema,
  }),
  'ceremony.step': z.strictObject({
    ceremony: idSchema,
    step: countSchema,
    title: lineSchema(120),
    result: stepResultSchema,
    person: idSchema,
    initials: initialsSchema,
    note: textSchema(limits.noteLength),
  }),
  'ceremony.exception': z.strictObject({
    ceremony: idSchema,
    step: countSchema.nullable(),
    what: textSchema(limits.noteLength).min(1),
    decidedBy: idSchema,
    absent: idSchema.nullable(),
  }),
  'ceremony.cancelled': z.strictObject({ ceremony: idSchema, ...actedSchema }),
  'minutes.written': z.strictObject({ ceremony: idSchema, minutes: minutesSchema }),
  /** Everybody who must has signed the minutes. */
  'ceremony.closed': z.strictObject({ ceremony: idSchema, minutes: hashSchema, act: idSchema }),
  /** Somebody asks whether a channel works. */
  'alert.test': z.strictObject({ channel: idSchema, name: lineSchema() }),
  /** A channel has taken the alert about the entry with number `cause`. */
  'alert.delivered': z.strictObject({
    cause: countSchema,
    event: alertEventSchema,
    channel: idSchema,
    name: lineSchema(),
    attempts: z.number().int().min(1),
    /** What the receiver gave as its receipt, where it gives one. */
    receipt: lineSchema(200).nullable(),
  }),
  /** First failure of an alert on a channel, and the last when it is given up. It is tried again unless `final`. */
  'alert.failed': z.strictObject({
    cause: countSchema,
    event: alertEventSchema,
    channel: idSchema,
    name: lineSchema(),
    attempts: z.number().int().min(1),
    code: z.enum(errorCodes),
    final: z.boolean(),
  }),
  /** What was overdue when somebody looked, once a day; most urgent first. `total`: also those that are not listed. */
  'due.noticed': z.strictObject({
    total: z.number().int().min(1),
    items: z
      .array(
        z.strictObject({
          kind: z.enum(['rotate', 'drill-person', 'drill-safe', 'classify', 'channel']),
          name: lineSchema(),
          dueAt: timestampSchema,
        }),
      )
      .min(1)
      .max(20),
  }),
  'log.verification-failed': z.strictObject({ code: z.enum(errorCodes), seq: countSchema.nullable() }),
} as const

export type EntryType = keyof typeof entryData
export type EntryData<T extends EntryType> = z.infer<(typeof entryData)[T]>
export const entryTypes = Object.keys(entryData) as readonly EntryType[]

/** Who did it. `proven` is true only when a security key's signature in this or an earlier entry shows it. */
export const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: idSchema, name: lineSchema(), proven: z.boolean() }),
  z.strictObject({ kind: z.literal('station') }),
])
export type Actor = z.infer<typeof actorSchema>

const envelope = {
  seq: countSchema,
  at: timestampSchema,
  /** Monotonic milliseconds since this boot of the app. */
  monotonic: countSchema,
  boot: idSchema,
  station: idSchema,
  actor: actorSchema,
  /** RFC 6962 leaf hash of the entry before; 32 zero bytes for entry 0. */
  prev: hashSchema,
}

/** An entry as parsed from its bytes, its data checked against its type. */
export type Entry = {
  [T in EntryType]: {
    readonly seq: number
    readonly at: string
    readonly monotonic: number
    readonly boot: string
    readonly station: string
    readonly actor: Actor
    readonly prev: string
    readonly type: T
    readonly data: EntryData<T>
  }
}[EntryType]

/** Schema of a whole entry, unknown keys refused at every level. */
export const entrySchema = z.discriminatedUnion(
  'type',
  entryTypes.map((type) => z.strictObject({ ...envelope, type: z.literal(type), data: entryData[type] })) as never,
) as unknown as z.ZodType<Entry>

/** An entry's content before the log gives it its place. */
export type NewEntry = {
  [T in EntryType]: { readonly type: T; readonly actor: Actor; readonly data: EntryData<T> }
}[EntryType]

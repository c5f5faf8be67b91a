/**
 * The vault process serves, one strongroom process calls: append and acknowledge. Every call resolves only when its
 * entry is durable (fsync). The port is good for one operation only.
 */
import { z } from 'zod'
import { closeReasonSchema, entryData } from '../audit/entry.ts'
import { credentialKindSchema, sealedRecordSchema, wrapSchema } from '../domain/credential.ts'
import {
  bytesSchema,
  countSchema,
  hashSchema,
  idSchema,
  lineSchema,
  textSchema,
  timestampSchema,
} from '../domain/forms.ts'
import { keyRingSchema } from '../domain/key-ring.ts'
import {
  credentialIdSchema,
  keyModelSchema,
  manifestSchema,
  safePolicySchema,
  securityKeySchema,
} from '../domain/manifest.ts'
import { minutesSchema, scriptSchema } from '../domain/ceremony.ts'
import { actStatementSchema, headSchema, jointStatementSchema, requestStatementSchema } from '../domain/statements.ts'
import { tapSchema } from '../domain/tap.ts'
import { errorCodes } from '../errors.ts'
import { limits } from '../limits.ts'
import { defineContract } from './contract.ts'

const nothing = z.strictObject({})

export const signedManifestSchema = z.strictObject({
  manifest: manifestSchema,
  signatures: z.array(tapSchema).max(limits.persons),
})
export type SignedManifest = z.infer<typeof signedManifestSchema>

const vaultFacts = {
  operation: idSchema,
  vault: idSchema,
  vaultName: lineSchema(),
  station: idSchema,
}
const chain = z.array(signedManifestSchema).min(1)
const signCounts = z.array(z.strictObject({ key: credentialIdSchema, count: countSchema }))

/**
 * What vouches for a record that is not the one its sealer signed, but was sealed anew to other custodians: the joint statement, the
 * taps on it, and that the record is the leaf with number `index` under its root.
 */
export const resealedSchema = z.strictObject({
  statement: jointStatementSchema,
  taps: z.array(tapSchema).min(1).max(limits.custodians),
  index: countSchema,
  /** RFC 6962 inclusion proof, base64url hashes. */
  proof: z.array(hashSchema).max(40),
})

/** A record with what proves it: the seal's tap for `halligan/credential/v1` as sealed, `resealed` where it was sealed anew. */
export const vouchedRecordSchema = z.strictObject({
  record: sealedRecordSchema,
  sealed: z.strictObject({ statement: actStatementSchema, tap: tapSchema }),
  resealed: resealedSchema.nullable(),
})
export type VouchedRecord = z.infer<typeof vouchedRecordSchema>

/** Acts without a job of their own. What has one is not signed this way: nothing would be sealed or opened for it. */
const plainActs = ['classify', 'export', 'destroy', 'ceremony-open', 'ceremony-cancel', 'veto'] as const
export type PlainAct = (typeof plainActs)[number]
export const isPlainAct = (kind: string): kind is PlainAct => (plainActs as readonly string[]).includes(kind)

export const jobSchema = z.discriminatedUnion('kind', [
  /** Set-up: enrol all security keys of one person in one go (their X25519 keys exist only in this process). */
  z.strictObject({
    kind: z.literal('enrol'),
    ...vaultFacts,
    person: z.strictObject({ id: idSchema, name: lineSchema() }),
    labels: z.array(lineSchema(limits.labelLength)).min(1).max(limits.keysPerPerson),
    /** Safes this person is a custodian of; empty = the key is for identity only, no PRF. */
    safes: z.array(z.strictObject({ id: idSchema, name: lineSchema(), policy: safePolicySchema })).max(limits.safes),
    /** Models that the safes' policies name, with their roots. */
    models: z.array(keyModelSchema).max(limits.models),
    /** Keys already enrolled in this vault, and whose they are. */
    enrolled: z.array(
      z.strictObject({
        credentialId: credentialIdSchema,
        transports: securityKeySchema.shape.transports,
        person: lineSchema(),
      }),
    ),
    /**
     * Absent at set-up. `keys`: those that the person has already and joins these safes with, in the order of the manifest; none:
     * new ones are enrolled.
     */
    inForce: z
      .strictObject({ manifests: chain, keys: z.array(securityKeySchema).max(limits.keysPerPerson) })
      .optional(),
  }),
  /** Set-up: every custodian signs the first manifest, in any order. */
  z.strictObject({
    kind: z.literal('acknowledge'),
    ...vaultFacts,
    manifest: manifestSchema,
    signed: z.array(idSchema),
    /** Every custodian's wraps: the signing tap proves that the manifest names the keys inside them. */
    wraps: z.array(wrapSchema),
    /** One per custodian and safe: the same tap proves that the manifest lists the security keys that were enrolled. */
    rings: z.array(keyRingSchema.extend({ person: idSchema })),
  }),
  z.strictObject({
    kind: z.literal('seal'),
    ...vaultFacts,
    manifests: chain,
    person: idSchema,
    credential: idSchema,
    version: z.number().int().min(1),
    safe: idSchema,
    name: lineSchema(),
    credentialKind: credentialKindSchema,
    requesters: z.array(idSchema).min(1),
    rotationDays: z.number().int(),
    /** Absent: nothing was written. */
    rotationNote: textSchema(limits.rotationNoteLength).min(1).optional(),
  }),
  z.strictObject({
    kind: z.literal('unseal'),
    ...vaultFacts,
    manifests: chain,
    statement: requestStatementSchema,
    /** Wall-clock time after which no tap is accepted any more. */
    expiresAt: timestampSchema,
    record: sealedRecordSchema,
    /** The tap under which this version was sealed: proves header and record to this process. */
    sealed: z.strictObject({ statement: actStatementSchema, tap: tapSchema }),
    resealed: resealedSchema.nullable(),
    wraps: z.array(wrapSchema),
    signCounts,
    burned: z.array(z.strictObject({ field: countSchema, code: countSchema })),
    /** Where the safe makes requests wait: the statement that was approved first (`statement.first` names it), and the taps. */
    approved: z
      .strictObject({ statement: requestStatementSchema, taps: z.array(tapSchema).max(limits.custodians + 1) })
      .nullable(),
  }),
  /**
   * The first round of a request whose safe makes it wait: the requester and k custodians approve. Nobody is asked for a share.
   */
  z.strictObject({
    kind: z.literal('approve'),
    ...vaultFacts,
    manifests: chain,
    statement: requestStatementSchema,
    expiresAt: timestampSchema,
    /** Boxes and body are left empty, and of the body only its SHA-256 is given: nothing here may be opened. */
    ...vouchedRecordSchema.shape,
    bodyHash: hashSchema,
    signCounts,
  }),
  /** One person's tap on a statement that the vault process wrote (classify, export). */
  z.strictObject({
    kind: z.literal('act'),
    ...vaultFacts,
    manifests: chain,
    statement: actStatementSchema.refine(({ detail: { kind } }) => isPlainAct(kind)),
    /** Of `ceremony-open`: the script that it signs for; shown on the tap page. */
    script: scriptSchema.nullable(),
  }),
  /**
   * One more security key for somebody who has one. The new key is enrolled; then a key of theirs that is in force opens their
   * wraps and signs the next manifest, which this process writes itself: the old one plus this key. No quorum is needed.
   */
  z.strictObject({
    kind: z.literal('add-key'),
    ...vaultFacts,
    manifests: chain,
    person: idSchema,
    label: lineSchema(limits.labelLength),
    /** The person's wraps, under all their keys. */
    wraps: z.array(wrapSchema),
  }),
  /** The next manifest, for signature by whoever must sign it (shared/audit/manifest-signers.ts). */
  z.strictObject({ kind: z.literal('amend'), ...vaultFacts, manifests: chain, next: manifestSchema }),
  /** A key drill: one key opens its own wraps; nothing is revealed. */
  z.strictObject({
    kind: z.literal('key-drill'),
    ...vaultFacts,
    manifests: chain,
    statement: actStatementSchema,
    wraps: z.array(wrapSchema),
    signCounts,
  }),
  /** A new passphrase for one key's wraps. */
  z.strictObject({
    kind: z.literal('passphrase'),
    ...vaultFacts,
    manifests: chain,
    statement: actStatementSchema,
    wraps: z.array(wrapSchema),
  }),
  /**
   * Enough custodians of one safe open their shares of all these records, up to the content keys' commitments. Nothing is
   * decrypted. `statement.detail.kind` is `prove`. One touch of a custodian opens all their shares: they are under one key pair.
   */
  z.strictObject({
    kind: z.literal('prove'),
    ...vaultFacts,
    manifests: chain,
    statement: jointStatementSchema,
    /** In the order of the statement. Bodies are left empty, and only their SHA-256 is given: nothing here may be decrypted. */
    records: z
      .array(vouchedRecordSchema.extend({ bodyHash: hashSchema }))
      .min(1)
      .max(limits.proofRecords),
    wraps: z.array(wrapSchema),
    signCounts,
  }),
  /**
   * Changed custodians or thresholds: the next manifest is signed, every record of the safes concerned is sealed anew under a
   * fresh content key to the new custodians, each of whom then opens and checks their new shares. Records come and go in pages.
   */
  z.strictObject({
    kind: z.literal('reshare'),
    ...vaultFacts,
    manifests: chain,
    next: manifestSchema,
    /** Credentials that change their safe. */
    moves: z.array(z.strictObject({ credential: idSchema, safe: idSchema })).max(100_000),
    /** How many records there are to seal anew: all versions that still exist of all credentials concerned. */
    records: countSchema,
    /** Of everybody in the safes concerned, before and after; those of people and keys that are new among them. */
    wraps: z.array(wrapSchema),
    /** Of those who are new in a safe: one per person and safe, as at set-up. */
    rings: z.array(keyRingSchema.extend({ person: idSchema })),
    signCounts,
  }),
  /** Those who took part sign the minutes of a ceremony. `statement.detail.kind` is `minutes`. */
  z.strictObject({
    kind: z.literal('minutes'),
    ...vaultFacts,
    manifests: chain,
    statement: jointStatementSchema,
    minutes: minutesSchema,
    signed: z.array(idSchema).max(limits.persons),
    signCounts,
  }),
])
export type Job = z.infer<typeof jobSchema>
export type JobOf<K extends Job['kind']> = Extract<Job, { kind: K }>

export const strongroomContract = defineContract({
  name: 'strongroom',
  calls: {
    job: { input: nothing, output: jobSchema },
    /** The log's head right now, for a statement that this process writes itself (seal). */
    head: { input: nothing, output: z.strictObject({ head: headSchema, at: timestampSchema }) },
    /** Which step the operation is in, for the app window's progress; not an entry. */
    progress: {
      input: z.strictObject({
        stage: z.enum(['form', 'tap', 'open', 'working']),
        have: z.number().int(),
        need: z.number().int(),
      }),
      output: nothing,
    },
    /** Entry tap.accepted, and in the same transaction the re-wrapped key (null: the old wrap stays). */
    tapAccepted: {
      input: z.strictObject({
        tap: tapSchema,
        counts: z.boolean(),
        signCount: countSchema,
        signCountWentBack: z.boolean(),
        wrap: wrapSchema.nullable(),
      }),
      output: nothing,
    },
    tapRefused: {
      input: z.strictObject({
        code: z.enum(errorCodes),
        person: idSchema.nullable(),
        key: credentialIdSchema.nullable(),
      }),
      output: nothing,
    },
    /** Entry request.granted. Rejects REQUEST_CANCELLED, REQUEST_EXPIRED, STORAGE_*: then nothing may be revealed. */
    granted: {
      input: z.strictObject({ approvals: z.array(idSchema) }),
      /** The signed text that tells of it, for any phone to carry; null where it could not be written. */
      output: z.strictObject({ alertText: z.string().max(1000).nullable() }),
    },
    /** Entry request.waiting, and the end of an `approve` operation: nobody is asked for a share before the wait is over. */
    waiting: { input: z.strictObject({ approvals: z.array(idSchema) }), output: nothing },
    /** Entry request.failed: shares or content key did not check; `custodian` names whose. */
    failed: { input: z.strictObject({ code: z.enum(errorCodes), custodian: idSchema.nullable() }), output: nothing },
    fieldShown: { input: entryData['field.shown'].pick({ field: true, label: true }), output: nothing },
    fieldCopied: { input: entryData['field.copied'].pick({ field: true, label: true }), output: nothing },
    /** Entries code.burned and field.shown in one transaction. */
    codeBurned: {
      input: z.strictObject({ field: countSchema, label: lineSchema(limits.labelLength), code: countSchema }),
      output: nothing,
    },
    windowClosed: { input: z.strictObject({ reason: closeReasonSchema, openedMs: countSchema }), output: nothing },
    /** Entry key.enrolled, its wraps and the person's public keys per safe, in one transaction. */
    keyEnrolled: {
      input: z.strictObject({
        key: securityKeySchema,
        custody: z.array(z.strictObject({ safe: idSchema, publicKey: bytesSchema(32) })),
        wraps: z.array(wrapSchema),
        /** One per safe, over all keys enrolled so far in this operation; they replace the earlier ones. */
        rings: z.array(keyRingSchema),
      }),
      output: nothing,
    },
    /** Entry manifest.signed; with the last missing custodian also manifest.changed, and the vault is ready. */
    manifestSigned: { input: z.strictObject({ tap: tapSchema }), output: nothing },
    /** Entry credential.sealed with the record, in one transaction. */
    sealed: {
      input: z.strictObject({ record: sealedRecordSchema, statement: actStatementSchema, tap: tapSchema }),
      output: nothing,
    },
    /** The act's own entry (request.classified, export.made). */
    acted: { input: z.strictObject({ tap: tapSchema }), output: nothing },
    /** Entries key.enrolled, manifest.signed and manifest.changed, the manifest and the new key's wraps, in one transaction. */
    keyAdded: {
      input: z.strictObject({ manifest: manifestSchema, tap: tapSchema, wraps: z.array(wrapSchema) }),
      output: nothing,
    },
    /** Entry drill.passed, and in the same transaction the re-wrapped keys. */
    drillPassed: {
      input: z.strictObject({
        tap: tapSchema,
        signCount: countSchema,
        signCountWentBack: z.boolean(),
        wraps: z.array(wrapSchema),
      }),
      output: nothing,
    },
    /** Entry passphrase.changed with the new wraps. */
    passphraseChanged: { input: z.strictObject({ tap: tapSchema, wraps: z.array(wrapSchema) }), output: nothing },
    /** Entry joint.opened, for a statement that was not written before (reshare); the vault process makes it. */
    jointOpened: {
      input: z.strictObject({ records: countSchema, root: hashSchema }),
      output: z.strictObject({ statement: jointStatementSchema }),
    },
    /** Entry joint.signed; `wraps` replace those that this very tap opened (may be none). */
    jointSigned: {
      input: z.strictObject({
        tap: tapSchema,
        signCount: countSchema,
        signCountWentBack: z.boolean(),
        wraps: z.array(wrapSchema),
      }),
      output: nothing,
    },
    /** Entry proof.passed. The taps are those of `jointSigned`. */
    proofPassed: { input: z.strictObject({ people: z.array(idSchema).max(limits.custodians) }), output: nothing },
    /** A page of the records to seal anew, in the order of (credential, version), from number `from` on; at most 4 MiB. */
    oldRecords: {
      input: z.strictObject({ from: countSchema }),
      output: z.strictObject({ records: z.array(vouchedRecordSchema).max(1000) }),
    },
    /** Their successors, in the same order; kept aside until the switch. */
    resealed: {
      input: z.strictObject({ from: countSchema, records: z.array(sealedRecordSchema).max(1000) }),
      output: nothing,
    },
    /** What is kept aside, as it lies on the disk, for its new custodians to check. */
    newRecords: {
      input: z.strictObject({ from: countSchema }),
      output: z.strictObject({ records: z.array(sealedRecordSchema).max(1000) }),
    },
    /** The switch: entries credential.resealed and manifest.changed, records, wraps and manifest in one transaction. */
    reshared: { input: nothing, output: nothing },
    /** Last call: the process wipes and exits after the answer. */
    ended: {
      input: z.strictObject({ result: z.enum(['done', 'cancelled', 'failed']), code: z.enum(errorCodes).nullable() }),
      output: nothing,
    },
  },
  events: {
    /** The vault process ends the operation (request cancelled or expired). */
    end: z.strictObject({ code: z.enum(errorCodes) }),
  },
})

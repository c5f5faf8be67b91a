/** The vault process serves, the app window calls: everything that is not secret. */
import { z } from 'zod'
import { entrySchema, entryTypes, type EntryType } from '../audit/entry.ts'
import { verifyReportSchema } from '../audit/report.ts'
import { selectionSchema } from '../domain/selection.ts'
import { credentialKindSchema } from '../domain/credential.ts'
import { countSchema, hashSchema, idSchema, lineSchema, textSchema, timestampSchema } from '../domain/forms.ts'
import {
  aaguidSchema,
  credentialIdSchema,
  keyModelSchema,
  roleSchema,
  safePolicySchema,
  securityKeySchema,
} from '../domain/manifest.ts'
import { sinkSchema, sinkSecretSchema } from '../domain/sink.ts'
import { tapPlaceSchema, tapSettingsSchema } from '../domain/tap-place.ts'
import { errorCodes } from '../errors.ts'
import { limits } from '../limits.ts'
import { alertCalls, channelViewSchema } from './alert-views.ts'
import { nothing, started } from './answers.ts'
import { ceremonyCalls, ceremonyViewSchema, ceremonyWishSchema, dueSchema } from './ceremony-views.ts'
import { defineContract } from './contract.ts'
import { changeViewSchema, peopleCalls } from './people-views.ts'
import { planSchema } from './plan.ts'
import { requestCalls, requestShape, waitingRequestSchema } from './request-views.ts'
import { errorShape, sinkViewSchema } from './sink-views.ts'

export const setupStateSchema = z.strictObject({
  /** plan: people and safes can be edited; keys: enrolment has begun; acknowledge: all keys are there. */
  step: z.enum(['plan', 'keys', 'acknowledge']),
  plan: planSchema,
  enrolled: z.array(
    z.strictObject({
      person: idSchema,
      keys: z.array(z.strictObject({ credentialId: credentialIdSchema, label: lineSchema(limits.labelLength) })),
    }),
  ),
  acknowledged: z.array(idSchema),
})

export const operationViewSchema = z.strictObject({
  id: idSchema,
  kind: z.enum([
    'enrol',
    'acknowledge',
    'seal',
    'unseal',
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
    'approve',
    'veto',
  ]),
  stage: z.enum(['starting', 'form', 'tap', 'open', 'working']),
  /** Whose operation it is: the person enrolling, sealing, signing, or the requester. Null for acknowledge. */
  person: idSchema.nullable(),
  have: z.number().int(),
  need: z.number().int(),
  /** Who has tapped, in order. */
  taps: z.array(z.strictObject({ person: idSchema, at: timestampSchema, counts: z.boolean() })),
  /** The latest refusals, newest last (at most 20). */
  refusals: z.array(z.strictObject({ code: z.enum(errorCodes), person: idSchema.nullable(), at: timestampSchema })),
  request: z
    .strictObject({
      id: idSchema,
      ...requestShape,
      openedAt: timestampSchema,
      expiresAt: timestampSchema,
      grantedAt: timestampSchema.nullable(),
    })
    .nullable(),
})
export type OperationView = z.infer<typeof operationViewSchema>

/** What happened to the last operation, until the next one starts: the app window says it in a sentence. */
export const outcomeViewSchema = z.strictObject({
  operation: idSchema,
  kind: operationViewSchema.shape.kind,
  result: z.enum(['done', 'cancelled', 'failed']),
  code: z.enum(errorCodes).nullable(),
  /** Where an export was written or why not, why a reveal window closed (a close reason), or whose share was damaged. */
  detail: z.string().max(4096).nullable(),
  at: timestampSchema,
})

export const appStateSchema = z.strictObject({
  /** none: no vault here yet; setup: being set up; ready; damaged: nothing can be unsealed, `damage` says why. */
  phase: z.enum(['none', 'setup', 'ready', 'damaged']),
  /** The first thing found that is not as it was written. With phase `ready` a warning: credentials that verify still open. */
  damage: errorShape.nullable(),
  version: lineSchema(),
  vault: z
    .strictObject({
      id: idSchema,
      name: lineSchema(),
      manifestVersion: countSchema,
      manifestHash: hashSchema.nullable(),
      /** How many custodians must sign a change; 0 before the first manifest is in force. */
      quorum: countSchema,
      createdAt: timestampSchema,
    })
    .nullable(),
  station: z.strictObject({ id: idSchema, name: lineSchema() }).nullable(),
  setup: setupStateSchema.nullable(),
  persons: z.array(
    z.strictObject({
      id: idSchema,
      name: lineSchema(),
      roles: z.array(roleSchema),
      keys: z.array(
        z.strictObject({
          credentialId: credentialIdSchema,
          label: lineSchema(limits.labelLength),
          enrolledAt: timestampSchema,
          /** AAGUID, and the model where attestation proved it. */
          aaguid: aaguidSchema,
          model: lineSchema(120).nullable(),
          transports: securityKeySchema.shape.transports,
          /** When it last proved itself: a drill passed or a tap accepted. Null: never since it was enrolled. */
          lastProvenAt: timestampSchema.nullable(),
          /** Its signature counter went back at its newest use: perhaps there are two of it. */
          counterWentBack: z.boolean(),
        }),
      ),
    }),
  ),
  safes: z.array(
    z.strictObject({
      id: idSchema,
      name: lineSchema(),
      threshold: z.number().int(),
      custodians: z.array(idSchema),
      policy: safePolicySchema,
      /** False until a drill of this safe has passed: the vault wears the mark. */
      drilled: z.boolean(),
    }),
  ),
  operation: operationViewSchema.nullable(),
  /** Requests that a quorum has approved and that wait, the one that opens first at the top. */
  waiting: z.array(waitingRequestSchema).max(limits.waitingRequests),
  lastOutcome: outcomeViewSchema.nullable(),
  /** A signed export that is being written, whatever else is under way. `stopping`: it was cancelled and is taken away. */
  exporting: z.strictObject({ operation: idSchema, folder: z.string().max(4096), stopping: z.boolean() }).nullable(),
  /** How the last one ended, until something else is started after it. */
  exported: outcomeViewSchema.nullable(),
  /** After every use: what people still owe. */
  owed: z.array(
    z.strictObject({
      request: idSchema,
      credential: idSchema,
      credentialName: lineSchema(),
      grantedAt: timestampSchema,
      closedAt: timestampSchema.nullable(),
      rotate: z.boolean(),
      classify: z.boolean(),
    }),
  ),
  log: z.strictObject({
    size: countSchema,
    root: hashSchema.nullable(),
    words: z.array(z.string()).max(8),
    lastAt: timestampSchema.nullable(),
    /** Verdict of the check at open, kept up as entries are added. */
    integrity: z.enum(['checking', 'intact', 'broken']),
    completeness: z.enum(['checking', 'complete', 'incomplete', 'cannot-be-judged']),
  }),
  /** One for each sink of the manifest in force. */
  sinks: z.array(sinkViewSchema).max(limits.sinks),
  /** What is due now, and what comes next of each kind; most urgent first. */
  due: z.array(dueSchema).max(5000),
  /** A change of people that is being prepared. */
  change: changeViewSchema.nullable(),
  /** The ceremony that is open. */
  ceremony: ceremonyViewSchema.nullable(),
  alerts: z.strictObject({
    channels: z.array(channelViewSchema).max(limits.channels),
    /** Alerts that no channel has taken yet, over all channels. */
    waiting: countSchema,
  }),
})
export type AppState = z.infer<typeof appStateSchema>

export const credentialViewSchema = z.strictObject({
  id: idSchema,
  name: lineSchema(),
  kind: credentialKindSchema,
  safe: idSchema,
  version: z.number().int(),
  requesters: z.array(idSchema),
  rotationDays: z.number().int(),
  rotationNote: textSchema(limits.rotationNoteLength).nullable(),
  sealedAt: timestampSchema,
  sealedBy: idSchema,
  rotationDueAt: timestampSchema,
  /** fresh; due (interval passed); used (revealed since it was sealed: due now). */
  /** leaver: somebody who held a share of it is gone (rotate it). */
  rotation: z.enum(['fresh', 'due', 'used', 'leaver']),
  /** Older versions that still exist, newest first. */
  olderVersions: z.array(z.strictObject({ version: z.number().int(), sealedAt: timestampSchema })).max(1000),
  /** When its newest version was proven to open; null: never. */
  provenAt: timestampSchema.nullable(),
  /** Found damaged at open: whose share, or the record. */
  damage: z.string().max(300).nullable(),
})
export type CredentialView = z.infer<typeof credentialViewSchema>

export const timelineFilterSchema = z.strictObject({
  types: z.array(z.enum(entryTypes as [EntryType, ...EntryType[]])).max(entryTypes.length),
  person: idSchema.nullable(),
  credential: idSchema.nullable(),
  text: z.string().max(100),
  /** Only entries at or after / before this moment, by the station's clock. */
  from: timestampSchema.nullable(),
  before: timestampSchema.nullable(),
})

const seqsSchema = z.custom<Uint32Array>(
  (value) => value instanceof Uint32Array && value.length <= limits.timelineFound,
)

export const appContract = defineContract({
  name: 'app',
  calls: {
    state: { input: nothing, output: appStateSchema },
    'setup.begin': { input: z.strictObject({ vaultName: lineSchema(), stationName: lineSchema() }), output: nothing },
    /** Replaces the plan. SETUP_CLOSED once a key is enrolled (setup.replan first); POLICY_INVALID {field}. */
    'setup.plan': { input: planSchema, output: nothing },
    /** Back to planning: enrolled keys of this set-up are forgotten. */
    'setup.replan': { input: nothing, output: nothing },
    /** Enrols all of a person's keys anew (what they had enrolled before in this set-up is replaced). */
    'setup.enrol': {
      input: z.strictObject({
        person: idSchema,
        labels: z.array(lineSchema(limits.labelLength)).min(1).max(limits.keysPerPerson),
      }),
      output: started,
    },
    /** All custodians tap, one after another. SETUP_INCOMPLETE while somebody has no key. */
    'setup.acknowledge': { input: nothing, output: started },
    'credentials.list': { input: nothing, output: z.array(credentialViewSchema) },
    /** `credential` null seals a new one, else a new version of it. */
    'credential.seal': {
      input: z.strictObject({
        credential: idSchema.nullable(),
        safe: idSchema,
        name: lineSchema(),
        kind: credentialKindSchema,
        requesters: z.array(idSchema).min(1).max(limits.persons),
        rotationDays: z.number().int().min(1).max(limits.rotationDaysMax),
        /** No secret: it stands in the log and in printed scripts. */
        rotationNote: textSchema(limits.rotationNoteLength).min(1).optional(),
        person: idSchema,
      }),
      output: started,
    },
    ...peopleCalls,
    ...requestCalls,
    ...ceremonyCalls,
    ...alertCalls,
    /** Enough custodians open their shares of these credentials' newest versions, up to the content key; nothing is decrypted. */
    'credential.prove': {
      input: z.strictObject({
        purpose: z.enum(['drill', 'rotation']),
        safe: idSchema,
        credentials: z.array(idSchema).min(1).max(limits.proofRecords),
      }),
      output: started,
    },
    /**
     * Erases an old version for good. POLICY_INVALID for the newest; VERSION_NOT_PROVEN while the newest was never proven to open.
     */
    'credential.destroy': {
      input: z.strictObject({ credential: idSchema, version: z.number().int().min(1), person: idSchema }),
      output: started,
    },
    /** Enrols one more key. KEY_LIMIT, KEY_UNKNOWN (the person has none yet), TAP_* */
    'keys.add': {
      input: z.strictObject({ person: idSchema, label: lineSchema(limits.labelLength) }),
      output: started,
    },
    /** Its owner signs the new name. */
    'keys.rename': {
      input: z.strictObject({ person: idSchema, key: credentialIdSchema, label: lineSchema(limits.labelLength) }),
      output: started,
    },
    /** A quorum signs that a lost key is struck off. KEY_LAST when it is a custodian's only one. */
    'keys.retire': { input: z.strictObject({ person: idSchema, key: credentialIdSchema }), output: started },
    /** A key drill. */
    'keys.test': { input: z.strictObject({ person: idSchema, key: credentialIdSchema }), output: started },
    /** A new passphrase for that key. POLICY_INVALID when no safe of theirs asks for one. */
    'keys.passphrase': { input: z.strictObject({ person: idSchema, key: credentialIdSchema }), output: started },
    /** Asks where to, then makes a PDF; null when that was cancelled. PRINT_FAILED. `id`: ceremony, or person for a kit. */
    'print.make': {
      input: z.discriminatedUnion('document', [
        z.strictObject({ document: z.literal('minutes'), ceremony: idSchema }),
        z.strictObject({ document: z.literal('script'), wish: ceremonyWishSchema }),
        z.strictObject({ document: z.literal('kit'), person: idSchema }),
        /** The alert text of a request, as a slip with its QR code. */
        z.strictObject({ document: z.literal('alert-slip'), request: idSchema }),
      ]),
      output: z.strictObject({ path: z.string().max(4096) }).nullable(),
    },
    /** Where taps take place on this station. */
    'tap.place': { input: nothing, output: tapPlaceSchema },
    'tap.setPlace': { input: tapSettingsSchema, output: tapPlaceSchema },
    /** Native dialog for the browser's program; null when cancelled. */
    'tap.chooseBrowser': { input: nothing, output: z.strictObject({ path: z.string().max(4096).nullable() }) },
    /** Native dialog for a FIDO metadata file (MDS3 BLOB); null when cancelled. METADATA_INVALID. */
    'models.read': {
      input: nothing,
      output: z
        .strictObject({
          models: z.array(keyModelSchema).max(10_000),
          /** Which issue of the file it is, and when the next was to follow (yyyy-mm-dd). */
          number: countSchema,
          nextUpdate: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
        })
        .nullable(),
    },
    /** Ends whatever operation runs: a request is cancelled, an open window is closed (hidden-by-person). */
    'operation.cancel': { input: z.strictObject({ operation: idSchema }), output: nothing },
    /** Asks for a folder first; null when that was cancelled. OPERATION_BUSY also while one is being written. */
    'export.make': {
      input: z.strictObject({
        /** Who signs for it. */
        person: idSchema,
        /** Null: the whole log. */
        selection: selectionSchema.nullable(),
        /** One file instead of a folder. */
        archive: z.boolean(),
      }),
      output: started.nullable(),
    },
    /** Stops the export that is being written and takes away what there is of it. OPERATION_UNKNOWN. */
    'export.cancel': { input: z.strictObject({ operation: idSchema }), output: nothing },
    /** A quorum signs that the log syncs to these sinks and no others. POLICY_INVALID {field, why}, AMENDMENT_EMPTY. */
    'sinks.set': { input: z.strictObject({ sinks: z.array(sinkSchema).max(limits.sinks) }), output: started },
    /** The sinks' settings as they stand in the manifest; how far each has come stands in the state. */
    'sync.state': { input: nothing, output: z.strictObject({ sinks: z.array(sinkSchema).max(limits.sinks) }) },
    /** Tries a sink again now: one that is waited for, or one that had diverged, after somebody has looked. SINK_UNKNOWN. */
    'sync.retry': { input: z.strictObject({ sink: idSchema }), output: nothing },
    /** Keeps on this station what a sink asks for; it can not be read back. An empty one forgets it. SINK_UNKNOWN, STORAGE_FAILED. */
    'sync.secret': { input: z.strictObject({ sink: idSchema, secret: sinkSecretSchema }), output: nothing },
    /**
     * Which entries fit: `seqs` holds their numbers, newest first, at most `limits.timelineFound` of them; null
     * when every entry fits. `size`: how long the log was.
     */
    'timeline.find': {
      input: z.strictObject({ filter: timelineFilterSchema }),
      output: z.strictObject({ size: countSchema, seqs: seqsSchema.nullable() }),
    },
    /** Newest first; `before` pages backwards. */
    'timeline.page': {
      input: z.strictObject({
        before: countSchema.nullable(),
        limit: z.number().int().min(1).max(limits.timelinePage),
        filter: timelineFilterSchema,
      }),
      output: z.strictObject({ entries: z.array(entrySchema), more: z.boolean() }),
    },
    'log.verify': { input: nothing, output: verifyReportSchema },
  },
  events: {
    /** The whole state after every change. */
    changed: appStateSchema,
    /** An entry was added: what is newest now. */
    appended: z.strictObject({ seq: countSchema }),
    verifyProgress: z.strictObject({ done: countSchema, total: countSchema }),
  },
})

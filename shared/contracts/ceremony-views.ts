/** Ceremonies as the app window sees them. */
import { z } from 'zod'
import {
  ceremonyKindSchema,
  initialsSchema,
  minutesSchema,
  scriptSchema,
  scriptStepSchema,
  stepResultSchema,
} from '../domain/ceremony.ts'
import { countSchema, hashSchema, idSchema, lineSchema, textSchema, timestampSchema } from '../domain/forms.ts'
import { limits } from '../limits.ts'
import { nothing, started } from './answers.ts'

/** What a ceremony is asked for. Its script is made from this and the vault's state. */
export const ceremonyWishSchema = z.strictObject({
  kind: ceremonyKindSchema,
  lead: idSchema,
  witnesses: z.array(idSchema).max(limits.persons),
  /** rotation: these, or null for all that are due. table-top: the practice credential. */
  credentials: z.array(idSchema).max(1000).nullable(),
  /** drill: these safes, and every key of their custodians; null: what is due. */
  safes: z.array(idSchema).max(limits.safes).nullable(),
  /** rotation: how many older versions of each credential stay. Absent: none, once the new one is confirmed. */
  keep: z.number().int().min(1).max(limits.keptVersions).optional(),
})
export type CeremonyWish = z.infer<typeof ceremonyWishSchema>

/** A script before it is opened: for reading, and for printing. */
export const ceremonyDraftSchema = z.strictObject({
  kind: ceremonyKindSchema,
  title: lineSchema(120),
  script: scriptSchema,
})
export type CeremonyDraft = z.infer<typeof ceremonyDraftSchema>

export const ceremonyViewSchema = z.strictObject({
  id: idSchema,
  kind: ceremonyKindSchema,
  title: lineSchema(120),
  /** Who leads now: whoever opened it, or who took over since. */
  lead: idSchema,
  witnesses: z.array(idSchema),
  openedAt: timestampSchema,
  /** Number of the step that is on; `steps.length` when all are finished. */
  now: countSchema,
  steps: z.array(
    scriptStepSchema.extend({
      finished: z
        .strictObject({
          result: stepResultSchema,
          person: idSchema,
          initials: initialsSchema,
          note: textSchema(limits.noteLength),
          at: timestampSchema,
        })
        .nullable(),
      /** Whether what the step has to bring about stands in the log. Always true of `confirm` and `read-head`. */
      isBroughtAbout: z.boolean(),
      /** What there is to see of that, in one sentence; null where there is nothing. */
      state: z.string().max(300).nullable(),
    }),
  ),
  exceptions: z.array(
    z.strictObject({
      step: countSchema.nullable(),
      what: textSchema(limits.noteLength),
      decidedBy: idSchema,
      absent: idSchema.nullable(),
      at: timestampSchema,
    }),
  ),
  /** Reveals that must be classified before it can be closed. */
  unclassified: z.array(idSchema).max(1000),
  /** Written: nothing more can happen but signatures. */
  minutes: z
    .strictObject({
      hash: hashSchema,
      words: z.array(z.string()).max(8),
      signed: z.array(idSchema),
      wanted: z.array(idSchema),
    })
    .nullable(),
})
export type CeremonyView = z.infer<typeof ceremonyViewSchema>

/** A ceremony that is over. */
export const pastCeremonySchema = z.strictObject({
  id: idSchema,
  kind: ceremonyKindSchema,
  title: lineSchema(120),
  openedAt: timestampSchema,
  endedAt: timestampSchema,
  result: z.enum(['closed', 'cancelled']),
  minutes: z
    .strictObject({
      hash: hashSchema,
      words: z.array(z.string()).max(8),
      /** Words of the log's heads, as they were read aloud. */
      beforeWords: z.array(z.string()).max(8),
      afterWords: z.array(z.string()).max(8),
      content: minutesSchema,
      /** All who had to, or of a ceremony that was given up those who had. */
      signed: z.array(idSchema),
    })
    .nullable(),
})
export type PastCeremony = z.infer<typeof pastCeremonySchema>

/** Something that is to be done. */
export const dueSchema = z.strictObject({
  kind: z.enum(['rotate', 'drill-person', 'drill-safe', 'classify', 'channel']),
  /** Of the credential, person, safe, request or channel. */
  id: idSchema,
  name: lineSchema(),
  /** interval: its time is over. used: it was opened. leaver: somebody who held a share is gone. never: it was never done. */
  why: z.enum(['interval', 'used', 'leaver', 'never', 'staff']),
  dueAt: timestampSchema,
  isDue: z.boolean(),
})
export type Due = z.infer<typeof dueSchema>

/** Ceremonies: what the app window may ask. */
export const ceremonyCalls = {
  /** The script that a ceremony would have. CEREMONY_NOTHING_DUE, POLICY_INVALID {field, why}. */
  'ceremony.draft': { input: ceremonyWishSchema, output: ceremonyDraftSchema },
  /** The lead signs for the script and opens it. CEREMONY_OPEN when another one is. */
  'ceremony.open': { input: ceremonyWishSchema, output: started },
  /** Starts what the step that is on has to bring about, where an operation does that. */
  'ceremony.run': {
    input: z.strictObject({
      ceremony: idSchema,
      step: countSchema,
      /** seal, destroy, drill: who does it. */
      person: idSchema.nullable(),
      labels: z.array(lineSchema(limits.labelLength)).max(limits.keysPerPerson),
      /** seal: how the credential is rotated from now on, empty for nothing. Absent: as it was. */
      rotationNote: textSchema(limits.rotationNoteLength).optional(),
    }),
    output: started,
  },
  /** Finishes the step that is on. CEREMONY_STEP_WRONG, CEREMONY_STEP_UNFINISHED; `excepted` needs an exception of that step. */
  'ceremony.step': {
    input: z.strictObject({
      ceremony: idSchema,
      step: countSchema,
      result: z.enum(['done', 'excepted']),
      person: idSchema,
      initials: initialsSchema,
      note: textSchema(limits.noteLength),
    }),
    output: nothing,
  },
  /** `absent` the lead: `decidedBy` leads from here on. CEREMONY_STEP_WRONG, PERSON_UNKNOWN, POLICY_INVALID {field}. */
  'ceremony.except': {
    input: z.strictObject({
      ceremony: idSchema,
      step: countSchema.nullable(),
      what: textSchema(limits.noteLength).min(1),
      decidedBy: idSchema,
      absent: idSchema.nullable(),
    }),
    output: nothing,
  },
  /** The lead or a custodian signs that it is given up. */
  'ceremony.cancel': {
    input: z.strictObject({ ceremony: idSchema, person: idSchema, reason: textSchema(limits.noteLength).min(1) }),
    output: started,
  },
  /** Writes the minutes, once, and has those who took part sign them. CEREMONY_UNFINISHED {steps, uses}. */
  'ceremony.close': { input: z.strictObject({ ceremony: idSchema }), output: started },
  /** Newest first. */
  'ceremony.past': { input: nothing, output: z.array(pastCeremonySchema).max(200) },
} as const

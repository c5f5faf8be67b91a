/** Ceremonies as data: a script of steps, each with who does it, what to do, and what must then be true (docs/format.md). */
import { z } from 'zod'
import { limits } from '../limits.ts'
import { countSchema, hashSchema, idSchema, lineSchema, textSchema, timestampSchema } from './forms.ts'
import { credentialIdSchema, roleSchema } from './manifest.ts'
import { headSchema } from './statements.ts'

/** rotation: credentials get new versions. people: custodians, thresholds, safes. drill: keys and safes prove themselves. table-top: the break-glass flow on a practice credential. */
export const ceremonyKindSchema = z.enum(['rotation', 'people', 'drill', 'table-top'])
export type CeremonyKind = z.infer<typeof ceremonyKindSchema>

const version = z.number().int().min(1)

/** What a step has to bring about; the vault process looks into the log whether it has. */
export const taskSchema = z.discriminatedUnion('kind', [
  /** Nothing but people's word: somebody reads, checks, confirms. */
  z.strictObject({ kind: z.literal('confirm') }),
  /** The log's head is read aloud as words. */
  z.strictObject({ kind: z.literal('read-head') }),
  /** A version newer than `after` is sealed. */
  z.strictObject({ kind: z.literal('seal'), credential: idSchema, after: version }),
  /** The newest versions of these credentials of one safe are proven to open, without being opened. */
  z.strictObject({
    kind: z.literal('prove'),
    safe: idSchema,
    credentials: z.array(idSchema).min(1).max(limits.proofRecords),
  }),
  /** Of the versions older than the newest all are destroyed but the newest `keep`. Absent: all. */
  z.strictObject({
    kind: z.literal('destroy'),
    credential: idSchema,
    keep: z.number().int().min(1).max(limits.keptVersions).optional(),
  }),
  /** The person has keys for every safe that the change under way gives them. */
  z.strictObject({ kind: z.literal('enrol'), person: idSchema }),
  /** The change of people under way is in force. */
  z.strictObject({ kind: z.literal('reshare') }),
  z.strictObject({ kind: z.literal('key-drill'), person: idSchema, key: credentialIdSchema }),
  z.strictObject({ kind: z.literal('safe-drill'), safe: idSchema, credential: idSchema }),
  /** A request for the practice credential, from opening to its end. */
  z.strictObject({ kind: z.literal('practice'), credential: idSchema }),
  /** Every reveal is classified. */
  z.strictObject({ kind: z.literal('classify') }),
])
export type Task = z.infer<typeof taskSchema>

export const scriptStepSchema = z.strictObject({
  title: lineSchema(120),
  instruction: textSchema(2000),
  /** Who does it: a role, and the person where there is only one. */
  role: roleSchema.or(z.literal('all')),
  person: idSchema.nullable(),
  task: taskSchema,
})
export type ScriptStep = z.infer<typeof scriptStepSchema>

export const scriptSchema = z.array(scriptStepSchema).min(1).max(limits.ceremonySteps)

/** Two to four capital letters. */
export const initialsSchema = z.string().regex(/^\p{Lu}{1,4}$/u)

export const stepResultSchema = z.enum(['done', 'excepted'])

/** One finished step, as minutes tell it. */
export const minutedStepSchema = z.strictObject({
  step: countSchema,
  title: lineSchema(120),
  result: stepResultSchema,
  person: idSchema,
  initials: initialsSchema,
  note: textSchema(limits.noteLength),
  at: timestampSchema,
  /** `seq` of its `ceremony.step` entry. */
  seq: countSchema,
})

export const minutedExceptionSchema = z.strictObject({
  step: countSchema.nullable(),
  what: textSchema(limits.noteLength).min(1),
  decidedBy: idSchema,
  /** Somebody who took part and will not sign. */
  absent: idSchema.nullable(),
  at: timestampSchema,
  seq: countSchema,
})

/** What happened in a ceremony, once and for all: signed by those who took part. */
export const minutesSchema = z.strictObject({
  format: z.literal('halligan/minutes/v1'),
  vault: idSchema,
  vaultName: lineSchema(),
  station: idSchema,
  stationName: lineSchema(),
  ceremony: idSchema,
  kind: ceremonyKindSchema,
  title: lineSchema(120),
  lead: idSchema,
  openedAt: timestampSchema,
  writtenAt: timestampSchema,
  /** Version of the program, and SHA-256 over its files; null where it does not know them. */
  program: z.strictObject({ version: lineSchema(), digest: hashSchema.nullable() }),
  manifestBefore: z.strictObject({ version: countSchema, hash: hashSchema }),
  manifestAfter: z.strictObject({ version: countSchema, hash: hashSchema }),
  /** The log's head before the ceremony was opened, and when these minutes were written. */
  headBefore: headSchema,
  headAfter: headSchema,
  participants: z
    .array(
      z.strictObject({
        person: idSchema,
        name: lineSchema(),
        roles: z.array(roleSchema).max(5),
        /** Keys that they tapped with in the ceremony. */
        keys: z
          .array(z.strictObject({ credentialId: credentialIdSchema, label: lineSchema(limits.labelLength) }))
          .max(limits.keysPerPerson),
        /** False: an exception says why. */
        signs: z.boolean(),
      }),
    )
    .min(1)
    .max(limits.persons),
  steps: z.array(minutedStepSchema).max(limits.ceremonySteps),
  exceptions: z.array(minutedExceptionSchema).max(limits.ceremonySteps),
})
export type Minutes = z.infer<typeof minutesSchema>

/**
 * Who led, in order: whoever opened it, then each who took over by deciding the exception that lets the lead before them go.
 * @returns at least one person; the last one leads
 */
export function leadsOf({
  lead,
  exceptions,
}: {
  readonly lead: string
  readonly exceptions: readonly Pick<Minutes['exceptions'][number], 'absent' | 'decidedBy'>[]
}): readonly [string, ...string[]] {
  const leads: [string, ...string[]] = [lead]
  for (const { absent, decidedBy } of exceptions) if (absent === leads.at(-1)) leads.push(decidedBy)
  return leads
}

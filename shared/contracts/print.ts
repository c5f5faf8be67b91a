/** Main serves, the print page calls: one document, typed and without a secret, for paper. */
import { z } from 'zod'
import { minutesSchema } from '../domain/ceremony.ts'
import { countSchema, hashSchema, idSchema, lineSchema, timestampSchema } from '../domain/forms.ts'
import { roleSchema } from '../domain/manifest.ts'
import { headSchema } from '../domain/statements.ts'
import { limits } from '../limits.ts'
import { ceremonyDraftSchema } from './ceremony-views.ts'
import { defineContract } from './contract.ts'

const nothing = z.strictObject({})
const wordsSchema = z.array(z.string().max(20)).max(8)
const named = z.strictObject({ id: idSchema, name: lineSchema() })
const signedHead = headSchema.extend({ words: wordsSchema })
const people = z.array(lineSchema()).max(limits.persons)

export const printedSchema = z.discriminatedUnion('document', [
  z.strictObject({
    document: z.literal('minutes'),
    minutes: minutesSchema,
    /** SHA-256 that the taps sign, and its words. */
    hash: hashSchema,
    words: wordsSchema,
    beforeWords: wordsSchema,
    afterWords: wordsSchema,
    /** Names of everybody that a step or an exception names by id. */
    people: z.array(named).max(limits.persons),
    signed: z
      .array(z.strictObject({ person: idSchema, name: lineSchema(), key: lineSchema(), at: timestampSchema }))
      .max(limits.persons),
  }),
  z.strictObject({
    document: z.literal('script'),
    vaultName: lineSchema(),
    stationName: lineSchema(),
    madeAt: timestampSchema,
    draft: ceremonyDraftSchema,
    lead: lineSchema(),
    witnesses: people,
    people: z.array(named).max(limits.persons),
    head: signedHead,
  }),
  /** Names and nothing besides: it may be lost. */
  z.strictObject({
    document: z.literal('kit'),
    vaultName: lineSchema(),
    stationName: lineSchema(),
    madeAt: timestampSchema,
    person: lineSchema(),
    safes: z
      .array(z.strictObject({ name: lineSchema(), threshold: countSchema, others: people, custodians: countSchema }))
      .max(limits.safes),
    keys: z
      .array(z.strictObject({ label: lineSchema(limits.labelLength), model: lineSchema(120).nullable() }))
      .max(limits.keysPerPerson),
    call: z.array(z.strictObject({ name: lineSchema(), roles: z.array(roleSchema).max(5) })).max(limits.persons),
    manifest: z.strictObject({ version: countSchema, hash: hashSchema, words: wordsSchema }),
  }),
  z.strictObject({
    document: z.literal('alert-slip'),
    vaultName: lineSchema(),
    madeAt: timestampSchema,
    text: z.string().min(1).max(1000),
  }),
])
export type Printed = z.infer<typeof printedSchema>
export type PrintedOf<D extends Printed['document']> = Extract<Printed, { document: D }>

export const printContract = defineContract({
  name: 'print',
  calls: {
    /** What is to be shown. Once. */
    begin: { input: nothing, output: printedSchema },
    /** It is drawn, and its fonts are there. */
    ready: { input: nothing, output: nothing },
  },
  events: {},
})

/** Changes of people as the app window sees them. */
import { z } from 'zod'
import { countSchema, idSchema, lineSchema } from '../domain/forms.ts'
import { limits } from '../limits.ts'
import { nothing, started } from './answers.ts'
import { planSchema } from './plan.ts'

/** What is wanted: people and safes as they shall be, and which credentials go to another safe. */
export const peopleChangeSchema = planSchema.omit({ models: true }).extend({
  moves: z.array(z.strictObject({ credential: idSchema, safe: idSchema })).max(10_000),
})
export type PeopleChange = z.infer<typeof peopleChangeSchema>

/** A change that is being prepared; kept over restarts until it is in force or discarded. */
export const changeViewSchema = z.strictObject({
  change: peopleChangeSchema,
  /** What it says, in sentences' raw material: as the tap page will show it. */
  lines: z.array(z.strictObject({ label: z.string().max(120), value: z.string().max(600) })).max(limits.persons),
  /** Who must come with a security key before it can be signed. `new`: keys are enrolled; `join`: keys they have get into a safe. */
  missing: z.array(
    z.strictObject({
      person: idSchema,
      name: lineSchema(),
      kind: z.enum(['new', 'join']),
      safes: z.array(idSchema).max(limits.safes),
    }),
  ),
  /** Who has come. */
  enrolled: z.array(z.strictObject({ person: idSchema, labels: z.array(lineSchema(limits.labelLength)) })),
  /** Records to be sealed anew. */
  records: countSchema,
  /** Who loses their shares. */
  leavers: z.array(idSchema).max(limits.persons),
  /** Who must tap in the end: to sign, and to check their new shares. */
  signers: z.strictObject({ quorum: countSchema, from: z.array(idSchema).max(limits.persons) }),
  checkers: z.array(idSchema).max(limits.persons),
})
export type ChangeView = z.infer<typeof changeViewSchema>

/** Changes of people: what the app window may ask. */
export const peopleCalls = {
  /** Puts a change of people aside to be prepared, or replaces it. CHANGE_OPEN once somebody's keys are enrolled for it. */
  'people.change': { input: peopleChangeSchema, output: nothing },
  /** Keys for what the change gives this person; `labels` of new keys, none when they join with keys that they have. */
  'people.enrol': {
    input: z.strictObject({
      person: idSchema,
      labels: z.array(lineSchema(limits.labelLength)).max(limits.keysPerPerson),
    }),
    output: started,
  },
  'people.discard': { input: nothing, output: nothing },
  /** Signs, seals anew, checks, switches. CHANGE_UNKNOWN, CHANGE_INCOMPLETE {people}. */
  'people.apply': { input: nothing, output: started },
} as const

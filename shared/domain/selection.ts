/** Which part of a log a partial export is asked for. */
import { z } from 'zod'
import { idSchema, timestampSchema } from './forms.ts'

export const selectionSchema = z.discriminatedUnion('kind', [
  /** `from` ≤ `at` ≤ `to`, by the station's wall clock. */
  z.strictObject({ kind: z.literal('period'), from: timestampSchema, to: timestampSchema }),
  z.strictObject({ kind: z.literal('credential'), credential: idSchema }),
  z.strictObject({ kind: z.literal('person'), person: idSchema }),
])
export type Selection = z.infer<typeof selectionSchema>

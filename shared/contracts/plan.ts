/** Who shall hold what: people and safes as somebody plans them. */
import { z } from 'zod'
import { idSchema, lineSchema } from '../domain/forms.ts'
import { keyModelSchema, roleSchema, safePolicySchema } from '../domain/manifest.ts'
import { limits } from '../limits.ts'

export const planSchema = z.strictObject({
  people: z
    .array(z.strictObject({ id: idSchema, name: lineSchema(), roles: z.array(roleSchema).max(5) }))
    .max(limits.persons),
  safes: z
    .array(
      z.strictObject({
        id: idSchema,
        name: lineSchema(),
        threshold: z.number().int().min(limits.thresholdMin).max(limits.custodians),
        custodians: z.array(idSchema).max(limits.custodians),
        policy: safePolicySchema,
      }),
    )
    .max(limits.safes),
  /** How many custodians must sign the next manifest. */
  quorum: z.number().int().min(limits.thresholdMin).max(limits.custodians),
  /** Models that the safes' policies name. */
  models: z.array(keyModelSchema).max(limits.models).optional(),
})
export type Plan = z.infer<typeof planSchema>

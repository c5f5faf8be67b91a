/** Proof of which security keys somebody enrolled, between enrolment and the first signature (docs/format-sealing.md). */
import { z } from 'zod'
import { bytesSchema, idSchema } from './forms.ts'

/** MAC over all of a custodian's security keys, under a key that comes from their X25519 secret key for this safe. */
export const keyRingSchema = z.strictObject({ safe: idSchema, mac: bytesSchema(32) })
export type KeyRing = z.infer<typeof keyRingSchema>

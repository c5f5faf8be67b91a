/** A tap as it is kept for ever: enough to recompute the signature from what was approved. */
import { z } from 'zod'
import { blobSchema, idSchema } from './forms.ts'
import { credentialIdSchema } from './manifest.ts'

/** A WebAuthn assertion, base64url as the browser gave it. */
export const assertionSchema = z.strictObject({
  authenticatorData: blobSchema(1024),
  clientDataJSON: blobSchema(4096),
  signature: blobSchema(1024),
})
export type Assertion = z.infer<typeof assertionSchema>

export const tapSchema = z.strictObject({
  person: idSchema,
  key: credentialIdSchema,
  assertion: assertionSchema,
})
export type Tap = z.infer<typeof tapSchema>

/** The RP ID, for ever: it is baked into every enrolled key. */
export const rpId = 'halligan.localhost'
/** Where a tap may come from when the tap page is a window of ours. */
export const windowOrigin = 'https://halligan.localhost'

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
/** Where a tap comes from when the tap page is a window of ours. */
export const windowOrigin = 'https://halligan.localhost'
/** Where it comes from when the tap page stands in the system's browser: our name, on a port of this machine. */
const loopbackOrigin = /^http:\/\/halligan\.localhost:[1-9]\d{0,4}$/

/** Whether a kept tap may come from `origin`. A tap being taken is held to the one origin of its own page. */
export const isTapOrigin = (origin: string): boolean => origin === windowOrigin || loopbackOrigin.test(origin)

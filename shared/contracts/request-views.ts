/** Requests, as the app window asks for them and shows those that wait. */
import { z } from 'zod'
import { idSchema, lineSchema, textSchema, timestampSchema } from '../domain/forms.ts'
import { outcomeSchema } from '../domain/statements.ts'
import { limits } from '../limits.ts'
import { nothing, started } from './answers.ts'

/** What a request is about. */
export const requestShape = {
  credential: idSchema,
  credentialName: lineSchema(),
  safe: idSchema,
  version: z.number().int(),
  /** When that is an older one. */
  newest: z.number().int().nullable(),
  requester: idSchema,
  reason: textSchema(limits.reasonLength),
  incident: lineSchema(limits.incidentLength).nullable(),
  windowSeconds: z.number().int(),
} as const

/** A request between its quorum and its opening (docs/format.md, time delay). */
export const waitingRequestSchema = z.strictObject({
  request: idSchema,
  ...requestShape,
  approvals: z.array(idSchema).max(limits.custodians),
  since: timestampSchema,
  /** When it can be opened, by the wall clock as it goes now; a clock set forward or a sleep puts it off. */
  opensAt: timestampSchema,
  /** True from then on. */
  isReady: z.boolean(),
  /** Once it is ready: when it is over. */
  closesAt: timestampSchema.nullable(),
  vetoers: z.array(idSchema).max(limits.vetoers),
})
export type WaitingRequest = z.infer<typeof waitingRequestSchema>

export const requestCalls = {
  'request.open': {
    input: z.strictObject({
      credential: idSchema,
      /** Absent: the newest. An older one that still exists, when the newest turns out not to be in use. */
      version: z.number().int().min(1).optional(),
      requester: idSchema,
      reason: textSchema(limits.reasonLength).min(1),
      incident: lineSchema(limits.incidentLength).nullable(),
      windowSeconds: z.number().int().min(limits.windowSecondsMin).max(limits.windowSecondsMax),
    }),
    output: started,
  },
  /**
   * Asks for the quorum's second taps. REQUEST_UNKNOWN, REQUEST_WAITING {seconds} while it is too early, REQUEST_EXPIRED,
   * REQUEST_OUTDATED when who holds what or the record has changed: then the request is over.
   */
  'request.resume': { input: z.strictObject({ request: idSchema }), output: started },
  /** Stops a waiting request with the tap of one who may. REQUEST_UNKNOWN, REQUEST_NOT_WAITING, TAP_NOT_THIS_PERSON. */
  'request.veto': {
    input: z.strictObject({ request: idSchema, person: idSchema, reason: textSchema(limits.noteLength).min(1) }),
    output: started,
  },
  /** Gives up a waiting request; like any cancelling it asks for no tap. REQUEST_UNKNOWN. */
  'request.withdraw': { input: z.strictObject({ request: idSchema }), output: nothing },
  'request.classify': {
    input: z.strictObject({
      request: idSchema,
      outcome: outcomeSchema,
      note: textSchema(limits.noteLength),
      person: idSchema,
    }),
    output: started,
  },
} as const

/** A strongroom process serves, the reveal page calls: fields one by one, each logged before it is shown. */
import { z } from 'zod'
import { closeReasonSchema } from '../audit/entry.ts'
import { credentialKindSchema, payloadFieldSchema } from '../domain/credential.ts'
import { idSchema, lineSchema, textSchema, timestampSchema } from '../domain/forms.ts'
import { limits } from '../limits.ts'
import { defineContract } from './contract.ts'
import { rawBytesSchema } from './seal.ts'

const fieldId = z.strictObject({ field: payloadFieldSchema.shape.id })

export const shownSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('value'), value: rawBytesSchema(limits.fileBytes) }),
  /** The running code and for how much longer it is valid. The seed never leaves the strongroom. */
  z.strictObject({ type: z.literal('running-code'), value: rawBytesSchema(8), validForMs: z.number().int() }),
  /** One recovery code, burned now: it will not be shown again in any window. */
  z.strictObject({
    type: z.literal('burned-code'),
    value: rawBytesSchema(1024),
    number: z.number().int(),
    left: z.number().int(),
  }),
])
export type Shown = z.infer<typeof shownSchema>

export const revealContract = defineContract({
  name: 'reveal',
  calls: {
    /** Resolves when the quorum has been granted and recorded; the page is prepared unseen before that. */
    begin: {
      input: z.strictObject({}),
      output: z.strictObject({
        credential: lineSchema(),
        kind: credentialKindSchema,
        version: z.number().int(),
        /** When that is an older one. */
        newest: z.number().int().nullable(),
        requester: lineSchema(),
        approvals: z.array(lineSchema()).max(limits.custodians),
        reason: textSchema(limits.reasonLength),
        incident: lineSchema(limits.incidentLength).nullable(),
        windowSeconds: z.number().int(),
        remainingMs: z.number().int(),
        endsAt: timestampSchema,
        copyAllowed: z.boolean(),
        captureProtection: z.enum(['on', 'not-supported-here']),
        /** The signed text that tells of this opening, for any phone to carry. */
        alertText: z.string().max(1000).nullable(),
        /** Markdown. */
        runbook: rawBytesSchema(limits.runbookBytes),
        fields: z.array(
          payloadFieldSchema.extend({
            /** Recovery codes not burned yet; null for other types. */
            codesLeft: z.number().int().nullable(),
          }),
        ),
      }),
    },
    /** Records field.shown (and code.burned), then answers. Rejects WINDOW_CLOSED after the end, CODES_EXHAUSTED, FIELD_UNKNOWN, STORAGE_*. */
    show: { input: fieldId, output: shownSchema },
    /** The next running code of a TOTP field that is being shown (not logged again). */
    refresh: { input: fieldId, output: shownSchema },
    /** Records field.copied; the page then copies with `marker` beside the text. Rejects COPY_NOT_ALLOWED. */
    copy: { input: fieldId, output: z.strictObject({ marker: idSchema }) },
    /** "Hide now": ends the window. */
    hideNow: { input: z.strictObject({}), output: z.strictObject({}) },
  },
  events: {
    /** About four times a second while open; the page's own clock decides nothing. */
    tick: z.strictObject({ remainingMs: z.number().int() }),
    ended: z.strictObject({ reason: closeReasonSchema }),
  },
})

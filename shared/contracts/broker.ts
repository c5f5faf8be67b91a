/** Between main (the broker of windows and ports, no domain logic) and the two kinds of utility process. */
import { z } from 'zod'
import { closeReasonSchema } from '../audit/entry.ts'
import { idSchema, lineSchema } from '../domain/forms.ts'
import { defineContract } from './contract.ts'

const nothing = z.strictObject({})

/** Names under which main hands a port to a utility process: the message is `{port: name, operation?}` plus one port. */
export const portNames = ['app', 'strongroom', 'vault', 'tap', 'seal', 'reveal'] as const
export type PortName = (typeof portNames)[number]
export const portMessageSchema = z.strictObject({ port: z.enum(portNames), operation: idSchema.nullable() })

/** Main serves, the vault process calls. */
export const vaultHostContract = defineContract({
  name: 'vault-host',
  calls: {
    /** Forks a strongroom process and hands a port to it as `vault`, the other end here as `strongroom`. */
    startStrongroom: { input: z.strictObject({ operation: idSchema }), output: nothing },
    /** Ends it: asks, then kills after a short grace. Resolves when the process is gone. */
    endStrongroom: { input: z.strictObject({ operation: idSchema, reason: closeReasonSchema }), output: nothing },
    /** Native folder dialog; the page never names a path. Null when cancelled. */
    chooseFolder: {
      input: z.strictObject({ purpose: z.enum(['export']) }),
      output: z.strictObject({ path: z.string().max(4096).nullable() }),
    },
  },
  events: {},
})

/** The vault process serves, main calls. */
export const vaultControlContract = defineContract({
  name: 'vault-control',
  calls: {
    /** A strongroom process is gone (its pid no longer exists), however it ended. */
    strongroomGone: { input: z.strictObject({ operation: idSchema }), output: nothing },
    /** Writes app.closed, flushes, releases the lock; the process may be ended afterwards. */
    close: { input: nothing, output: nothing },
  },
  events: {},
})

export const pageKindSchema = z.enum(['tap', 'seal', 'reveal'])
export type PageKind = z.infer<typeof pageKindSchema>

/** Main serves, a strongroom process calls. */
export const strongroomHostContract = defineContract({
  name: 'strongroom-host',
  calls: {
    /** Creates the page's window (`show: false` prepares it unseen) and hands its port here under the page's name. */
    openPage: {
      input: z.strictObject({ page: pageKindSchema, show: z.boolean(), title: lineSchema(120) }),
      output: nothing,
    },
    showPage: {
      input: z.strictObject({ page: pageKindSchema }),
      /** Whether the system really keeps screen captures out; shown to people, never assumed. */
      output: z.strictObject({ captureProtection: z.enum(['on', 'not-supported-here']) }),
    },
    /** Destroys the window and its renderer process; resolves when it is gone. */
    closePage: { input: z.strictObject({ page: pageKindSchema }), output: nothing },
    /** A field was copied by the reveal page together with this marker: clear the clipboard later if the marker is still there. */
    clipboardMarked: {
      input: z.strictObject({ marker: idSchema, clearAfterMs: z.number().int().min(0).max(60_000) }),
      output: nothing,
    },
  },
  events: {},
})

/** A strongroom process serves, main calls. */
export const strongroomControlContract = defineContract({
  name: 'strongroom-control',
  calls: {
    /** The person, the session or the machine ends the operation now: wipe, record why, exit. */
    end: { input: z.strictObject({ reason: closeReasonSchema }), output: nothing },
    /** A page's window was closed by the person or its renderer died. */
    pageGone: { input: z.strictObject({ page: pageKindSchema, died: z.boolean() }), output: nothing },
  },
  events: {},
})

/** Between main (the broker of windows and ports, no domain logic) and the two kinds of utility process. */
import { z } from 'zod'
import { closeReasonSchema } from '../audit/entry.ts'
import { hashSchema, idSchema, lineSchema } from '../domain/forms.ts'
import { tapPageRefusalSchema, tapPlaceSchema, tapSettingsSchema } from '../domain/tap-place.ts'
import { defineContract } from './contract.ts'
import { printedSchema } from './print.ts'

const nothing = z.strictObject({})

/** Names under which main hands a port to a utility process: the message is `{port: name, operation?}` plus one port. */
export const portNames = ['app', 'strongroom', 'vault', 'tap', 'seal', 'reveal', 'courier'] as const
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
    /** Native file dialog. Null when cancelled. */
    chooseFile: {
      input: z.strictObject({ purpose: z.enum(['browser', 'key-metadata']) }),
      output: z.strictObject({ path: z.string().max(4096).nullable() }),
    },
    /** Asks for the file, then makes a PDF. Null when cancelled. Rejects PRINT_FAILED {reason}. */
    printDocument: {
      input: printedSchema,
      output: z.strictObject({ path: z.string().max(4096).nullable() }),
    },
    /** Where taps take place on this station. */
    tapPlace: { input: nothing, output: tapPlaceSchema },
    /** Rejects BROWSER_NOT_FOUND when `browserPath` is no program that can be started. */
    setTapPlace: { input: tapSettingsSchema, output: tapPlaceSchema },
  },
  events: {},
})

/** The vault process serves, main calls. */
export const vaultControlContract = defineContract({
  name: 'vault-control',
  calls: {
    /** A strongroom process is gone (its pid no longer exists), however it ended. */
    strongroomGone: { input: z.strictObject({ operation: idSchema }), output: nothing },
    /** The tap page's loopback server turned somebody away; entries are grouped, so that a port scan does not fill the log. */
    tapPageRefused: {
      input: z.strictObject({ operation: idSchema, code: tapPageRefusalSchema, count: z.number().int().min(1) }),
      output: nothing,
    },
    /** Writes app.closed, flushes, releases the lock; the process may be ended afterwards. */
    close: { input: nothing, output: nothing },
  },
  events: {},
})

export const pageKindSchema = z.enum(['tap', 'seal', 'reveal'])
export type PageKind = z.infer<typeof pageKindSchema>

/** A manifest that was verified and in force: the newest that this machine knows of a vault. */
export const knownManifestSchema = z.strictObject({ version: z.number().int().min(1).max(1_000_000), hash: hashSchema })
export type KnownManifest = z.infer<typeof knownManifestSchema>

/** Main serves, a strongroom process calls. */
export const strongroomHostContract = defineContract({
  name: 'strongroom-host',
  calls: {
    /** Creates the page's window (`show: false` prepares it unseen) and hands its port here under the page's name. */
    openPage: {
      input: z.strictObject({ page: pageKindSchema, show: z.boolean(), title: lineSchema(120) }),
      /** The page's origin: the only one that a tap on it may come from. Rejects BROWSER_NOT_FOUND, BROWSER_FAILED. */
      output: z.strictObject({ origin: lineSchema(100) }),
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
    /**
     * What a chain of manifests is held against; null where nothing is known yet. The vault process has no say in it. Rejects
     * MANIFEST_MEMORY_DAMAGED, MANIFEST_OLDER (another vault was in this folder).
     */
    knownManifest: {
      input: z.strictObject({ vault: idSchema }),
      output: z.strictObject({ known: knownManifestSchema.nullable() }),
    },
    /** This version is verified and in force. Rejects MANIFEST_OLDER unless it is newer than what is known, or the same. */
    manifestSeen: { input: z.strictObject({ vault: idSchema, ...knownManifestSchema.shape }), output: nothing },
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

/** A tap host process serves (it keeps the tap page in the system's browser), main calls. */
export const tapHostContract = defineContract({
  name: 'tap-host',
  calls: {
    /**
     * Starts the loopback server and the browser; resolves when the page has come, and the port named `tap` is connected to
     * it. Rejects BROWSER_NOT_FOUND, BROWSER_FAILED.
     */
    open: {
      input: z.strictObject({
        browser: z.string().min(1).max(4096),
        /** Folder of throw-away profiles; one is made in it and removed again. */
        profiles: z.string().min(1).max(4096),
        /** Folder of the tap page's files. */
        files: z.string().min(1).max(4096),
        title: lineSchema(120),
      }),
      output: z.strictObject({ origin: lineSchema(100) }),
    },
    /** Ends page, browser and server; resolves when the profile is removed. */
    close: { input: nothing, output: nothing },
  },
  events: {
    /** Browser or page ended without us. `died`: it crashed or was killed, and was not closed by the person. */
    gone: z.strictObject({ died: z.boolean() }),
    refused: z.strictObject({ code: tapPageRefusalSchema, count: z.number().int().min(1) }),
  },
})

/** `export.json`: what an export is, signed by the station (docs/format.md, section 6). */
import { z } from 'zod'
import { fromBase64Url, toBase64Url, utf8, concatBytes } from '../bytes.ts'
import { canonicalBytes, canonicalMessage } from '../canonical.ts'
import { bytesSchema, countSchema, hashSchema, idSchema, timestampSchema } from '../domain/forms.ts'
import { credentialIdSchema } from '../domain/manifest.ts'
import { actStatementSchema } from '../domain/statements.ts'
import { assertionSchema } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import { readCanonical, type Reading } from './entry-reader.ts'
import { selectionSchema } from '../domain/selection.ts'

/** Files of one export, `export.json` not counted. */
const filesMax = 64
/** One level of plain names: nothing that a file system could take for a path, a device or a stream. */
const fileNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)

const exportDescriptionSchema = z.strictObject({
  format: z.literal('halligan/export/v1'),
  kind: z.enum(['whole', 'part']),
  vault: idSchema,
  station: idSchema,
  /** When it was made. */
  at: timestampSchema,
  /** Head that the export's last checkpoint signs. */
  size: countSchema.min(1),
  root: hashSchema,
  /** What a part was asked for; null in a whole export. */
  selection: selectionSchema.nullable(),
  /** Entries that the selection names; in a whole export all. */
  selected: countSchema,
  /** Entries that are here: those, and what their check needs. */
  shown: countSchema,
  /** The tap of whoever signs for it; absent when nobody does (command line). */
  signed: z
    .strictObject({ statement: actStatementSchema, key: credentialIdSchema, assertion: assertionSchema })
    .optional(),
  /** Every other file of the export, names ascending. */
  files: z.array(z.strictObject({ name: fileNameSchema, bytes: countSchema, sha256: hashSchema })).max(filesMax),
})
export type ExportDescription = z.infer<typeof exportDescriptionSchema>

export const signedExportSchema = z.strictObject({
  export: exportDescriptionSchema,
  /** Ed25519 by the station key that is active after entry `size` - 1. */
  signature: bytesSchema(64),
})
export type SignedExport = z.infer<typeof signedExportSchema>

const descriptionBytesMax = 65_536

const exportMessage = (description: ExportDescription): Uint8Array<ArrayBuffer> =>
  canonicalMessage('export', description)

/**
 * Content of `export.json`: canonical JSON and a newline.
 * @param sign Ed25519 by the active station key, 64 bytes
 */
export const exportDescriptionFile = (
  description: ExportDescription,
  sign: (message: Uint8Array<ArrayBuffer>) => Uint8Array,
): Uint8Array<ArrayBuffer> =>
  concatBytes(
    canonicalBytes({ export: description, signature: toBase64Url(sign(exportMessage(description))) }),
    utf8('\n'),
  )

/** Inverse of {@link exportDescriptionFile}, no signature verified. */
export function readExportDescription(file: Uint8Array): Reading<SignedExport> {
  // The final newline is part of the file's form.
  if (file.at(-1) !== 0x0a) return { ok: false, code: 'malformed' }
  const reading = readCanonical(file.subarray(0, -1), signedExportSchema, descriptionBytesMax)
  if (!reading.ok) return reading
  const names = reading.value.export.files.map(({ name }) => name)
  const ascending = names.every((name, at) => at === 0 || name > (names[at - 1] ?? ''))
  return ascending ? reading : { ok: false, code: 'malformed' }
}

/** True when the station key signed the description. */
export const isExportSigned = (primitives: Primitives, signed: SignedExport, stationKey: Uint8Array): boolean =>
  primitives.verifyEd25519(stationKey, exportMessage(signed.export), fromBase64Url(signed.signature))

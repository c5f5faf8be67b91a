/**
 * Makes docs/format.schema.json from the schemas that the product checks with: `npx tsx tests/unit/audit/make-schema.ts`. So an
 * independent verifier needs no TypeScript.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { entrySchema } from '../../../shared/audit/entry.ts'
import { signedExportSchema } from '../../../shared/audit/export-description.ts'
import { proofSchema } from '../../../shared/audit/part-proof.ts'
import { verifyReportSchema } from '../../../shared/audit/report.ts'
import { signedManifestSchema } from '../../../shared/contracts/strongroom.ts'
import { recordHeaderSchema } from '../../../shared/domain/credential.ts'
import { isBase64Url } from '../../../shared/domain/forms.ts'

const schemaFile = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../docs/format.schema.json')

/** Functions that refine a string; JSON Schema has no place for them. */
const refinementsOf = (schema: z.core.$ZodType): unknown[] => {
  const { checks = [] } = schema._zod.def as { checks?: readonly z.core.$ZodCheck[] }
  return checks.map((check) => (check._zod.def as { fn?: unknown }).fn).filter((fn) => fn !== undefined)
}

/** The published schemas as JSON Schema (draft 2020-12), by name. */
export function makeSchemas(): Record<string, unknown> {
  const schemas = {
    entry: entrySchema,
    signedManifest: signedManifestSchema,
    recordHeader: recordHeaderSchema,
    signedExport: signedExportSchema,
    proof: proofSchema,
    report: verifyReportSchema,
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      z.toJSONSchema(schema, {
        override: ({ zodSchema, jsonSchema }) => {
          const refinements = refinementsOf(zodSchema)
          if (refinements.length === 0) return
          jsonSchema.description = refinements.includes(isBase64Url)
            ? 'base64url without padding, unused bits zero'
            : 'text for people: well-formed, without control or bidirectional-override characters'
        },
      }),
    ]),
  )
}

/** What is committed. */
export const readSchemas = (): unknown => JSON.parse(readFileSync(schemaFile, 'utf8')) as unknown

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(schemaFile, `${JSON.stringify(makeSchemas(), null, 1)}\n`)
}

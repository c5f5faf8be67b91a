/** The set-up as far as it has come. Kept in the database at every step, so that a power cut loses nothing. */
import { z } from 'zod'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { planSchema } from '../../../shared/contracts/plan.ts'
import { bytesSchema, idSchema } from '../../../shared/domain/forms.ts'
import { keyRingSchema } from '../../../shared/domain/key-ring.ts'
import { manifestSchema, securityKeySchema } from '../../../shared/domain/manifest.ts'
import { tapSchema } from '../../../shared/domain/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Statements } from '../store/driver.ts'

const draftSchema = z.strictObject({
  plan: planSchema,
  enrolled: z.array(
    z.strictObject({
      person: idSchema,
      keys: z.array(securityKeySchema),
      custody: z.array(z.strictObject({ safe: idSchema, publicKey: bytesSchema(32) })),
      /** What the strongroom knows these keys by. A draft without is read, so that people can enrol again; nobody signs it. */
      rings: z.array(keyRingSchema).default([]),
    }),
  ),
  /** What the custodians are signing; null until the first of them is asked. */
  manifest: manifestSchema.nullable(),
  signatures: z.array(tapSchema),
})
export type Draft = z.infer<typeof draftSchema>

/** The draft in memory, always what is on the disk. */
export interface DraftHolder {
  readonly get: () => Draft
  /** To be called once `next` is durable; null when set-up is finished. */
  readonly set: (next: Draft | null) => void
}

export const emptyDraft: Draft = {
  plan: { people: [], safes: [], quorum: 2 },
  enrolled: [],
  manifest: null,
  signatures: [],
}

/** @throws HalliganError VAULT_DAMAGED when it cannot be read */
export async function loadDraft(statements: Pick<Statements, 'get'>): Promise<Draft | null> {
  const bytes = (await statements.get('SELECT bytes FROM draft'))?.['bytes']
  if (bytes === undefined) return null
  try {
    return draftSchema.parse(JSON.parse(fromUtf8(bytes as Uint8Array)))
  } catch (error) {
    throw new HalliganError('VAULT_DAMAGED', { reason: 'draft' }, error)
  }
}

export async function saveDraft(statements: Statements, draft: Draft): Promise<void> {
  await statements.run('INSERT OR REPLACE INTO draft (one, bytes) VALUES (1, ?)', canonicalBytes(draft))
}

export async function deleteDraft(statements: Statements): Promise<void> {
  await statements.run('DELETE FROM draft')
}

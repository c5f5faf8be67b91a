/**
 * A change of people as far as it is prepared: what is wanted, and the keys of those who come with it. Their wraps lie in here and
 * not beside those in force, where a manifest that has no place for them would have them deleted.
 */
import { z } from 'zod'
import { fromUtf8 } from '../../../../shared/bytes.ts'
import { canonicalBytes } from '../../../../shared/canonical.ts'
import { peopleChangeSchema } from '../../../../shared/contracts/people-views.ts'
import { wrapSchema } from '../../../../shared/domain/credential.ts'
import { bytesSchema, hashSchema, idSchema } from '../../../../shared/domain/forms.ts'
import { keyRingSchema } from '../../../../shared/domain/key-ring.ts'
import { securityKeySchema } from '../../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import type { Statements } from '../../store/driver.ts'

const arrivalSchema = z.strictObject({
  person: idSchema,
  /** `new`: `keys` are enrolled for this change. `join`: they are keys that the manifest lists, which open a further safe. */
  kind: z.enum(['new', 'join']),
  /** Hash of the manifest in force when it was. */
  manifest: hashSchema,
  keys: z.array(securityKeySchema).min(1),
  /** Of `join`: all keys that the manifest listed for them; the rings are over these. */
  listed: z.array(securityKeySchema),
  custody: z.array(z.strictObject({ safe: idSchema, publicKey: bytesSchema(32) })),
  rings: z.array(keyRingSchema),
  wraps: z.array(wrapSchema),
})
/** Somebody who has come with their keys. */
export type Arrival = z.infer<typeof arrivalSchema>

const changeDraftSchema = z.strictObject({ change: peopleChangeSchema, arrivals: z.array(arrivalSchema) })
export type ChangeDraft = z.infer<typeof changeDraftSchema>

/** The draft in memory, always what is on the disk. */
export interface ChangeHolder {
  /** @throws HalliganError CHANGE_UNKNOWN */
  readonly get: () => ChangeDraft
  /** To be called once `next` is durable; null when there is none any more. */
  readonly set: (next: ChangeDraft | null) => void
}

/** @throws HalliganError VAULT_DAMAGED when it cannot be read */
export async function loadChangeDraft(statements: Pick<Statements, 'get'>): Promise<ChangeDraft | null> {
  const bytes = (await statements.get('SELECT bytes FROM change'))?.['bytes']
  if (bytes === undefined) return null
  try {
    return changeDraftSchema.parse(JSON.parse(fromUtf8(bytes as Uint8Array)))
  } catch (error) {
    throw new HalliganError('VAULT_DAMAGED', { reason: 'change' }, error)
  }
}

export async function saveChangeDraft(statements: Statements, draft: ChangeDraft): Promise<void> {
  await statements.run('INSERT OR REPLACE INTO change (one, bytes) VALUES (1, ?)', canonicalBytes(draft))
}

export async function deleteChangeDraft(statements: Statements): Promise<void> {
  await statements.run('DELETE FROM change')
}

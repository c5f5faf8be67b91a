/** What of an entry a sink says beside its bytes. Its own schema is the verifier's business, not the network's. */
import { z } from 'zod'
import { fromUtf8 } from '../../shared/bytes.ts'

const headerSchema = z.object({
  at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  type: z.string().regex(/^[a-z.-]{1,32}$/),
})
export type EntryHeader = z.infer<typeof headerSchema>

/** Time and type of an entry; null when they cannot be read, for such an entry is still to be carried. */
export function readEntryHeader(bytes: Uint8Array): EntryHeader | null {
  try {
    return headerSchema.parse(JSON.parse(fromUtf8(bytes)))
  } catch {
    return null
  }
}

/** How far each sink has come, durable: a process that dies goes on where the sink last acknowledged. */
import { z } from 'zod'
import { hashSchema, timestampSchema, countSchema } from '../../../shared/domain/forms.ts'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { Statements } from '../store/driver.ts'

export type Divergence = NonNullable<SinkView['divergence']>

export interface Cursor {
  /** Entries that the sink has acknowledged: the first `size` ones. */
  readonly size: number
  /** Leaf hash of the newest of them, base64url; null of none. */
  readonly hash: string | null
  readonly at: string | null
  /** What `sync.diverged` said last; null once the sink agreed again. */
  readonly divergence: Divergence | null
  /** True until a person has looked at the divergence and asked for another try. */
  readonly halted: boolean
}

export const noCursor: Cursor = { size: 0, hash: null, at: null, divergence: null, halted: false }

const divergenceSchema = z.strictObject({
  size: countSchema,
  ours: hashSchema.nullable(),
  theirs: hashSchema.nullable(),
})
const rowSchema = z.object({
  size: countSchema,
  hash: hashSchema.nullable(),
  at: timestampSchema.nullable(),
  divergence: z
    .string()
    .nullable()
    .transform((text): unknown => (text === null ? null : JSON.parse(text)))
    .pipe(divergenceSchema.nullable()),
  halted: z.literal([0, 1]).transform((halted) => halted === 1),
})

export interface Cursors {
  /** Where `sink` stands at `place`; at its beginning when it was somewhere else before. */
  readonly load: (sink: string, place: string) => Promise<Cursor>
  /** Resolves when it is on the disk. */
  readonly save: (sink: string, place: string, cursor: Cursor) => Promise<void>
}

export function createCursors(database: Pick<Statements, 'get' | 'run'>): Cursors {
  return {
    load: async (sink, place) => {
      const row = await database.get(
        'SELECT size, hash, at, divergence, halted FROM sink_cursors WHERE sink = ? AND place = ?',
        sink,
        place,
      )
      // What cannot be read is begun anew: sinks know what they have.
      return rowSchema.safeParse(row).data ?? noCursor
    },
    save: async (sink, place, { size, hash, at, divergence, halted }) => {
      await database.run(
        'INSERT OR REPLACE INTO sink_cursors (sink, place, size, hash, at, divergence, halted) VALUES (?, ?, ?, ?, ?, ?, ?)',
        sink,
        place,
        size,
        hash,
        at,
        divergence === null ? null : JSON.stringify(divergence),
        halted ? 1 : 0,
      )
    },
  }
}

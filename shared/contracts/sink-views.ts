/** Sinks as the app window sees them. */
import { z } from 'zod'
import { countSchema, hashSchema, idSchema, lineSchema, timestampSchema } from '../domain/forms.ts'
import { keptSecretSchema } from '../domain/sink.ts'
import { errorCodes } from '../errors.ts'

export const errorShape = z.strictObject({
  code: z.enum(errorCodes),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

/** How far one sink has come. */
export const sinkViewSchema = z.strictObject({
  id: idSchema,
  name: lineSchema(),
  kind: z.enum(['postgresql', 'syslog', 'https', 'folder']),
  /**
   * current: it has everything. syncing. paused: while a credential is being opened. waiting: `problem` says why, tried again by
   * itself. diverged: it holds another log; nothing is sent until somebody says `sync.retry`.
   */
  state: z.enum(['current', 'syncing', 'paused', 'waiting', 'diverged']),
  /** Entries that it has acknowledged, of those there are. */
  acknowledged: countSchema,
  size: countSchema,
  acknowledgedAt: timestampSchema.nullable(),
  problem: errorShape.nullable(),
  /** Of `diverged`: what `sync.diverged` says. */
  divergence: z
    .strictObject({ size: countSchema, ours: hashSchema.nullable(), theirs: hashSchema.nullable() })
    .nullable(),
  /** Where this station keeps what the sink asks for; `missing`: it asks and there is nothing. */
  secret: keptSecretSchema.or(z.enum(['missing', 'not-needed'])),
})
export type SinkView = z.infer<typeof sinkViewSchema>

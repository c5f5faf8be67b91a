/** What verification says: two verdicts, never one (docs/format.md, "Verification"). */
import { z } from 'zod'
import { countSchema, hashSchema, timestampSchema } from '../domain/forms.ts'
import { selectionSchema } from '../domain/selection.ts'

/** What exactly is wrong with the first bad entry or object. Stable; the sentence is made where it is shown. */
export const problemCodes = [
  'entry-malformed',
  'entry-not-canonical',
  'entry-out-of-order',
  'entry-chain-broken',
  'entry-wrong-station',
  'log-empty',
  'log-first-entry-wrong',
  'key-rotation-invalid',
  'checkpoint-malformed',
  'checkpoint-signature-invalid',
  'checkpoint-root-mismatch',
  'checkpoint-missing',
  'checkpoint-beyond-log',
  'head-mismatch',
  'tap-signature-invalid',
  'tap-statement-mismatch',
  'tap-key-unknown',
  'manifest-malformed',
  'manifest-chain-broken',
  'manifest-signature-invalid',
  'manifest-quorum-missing',
  'manifest-not-in-log',
  'grant-without-quorum',
  'joint-incomplete',
  'ceremony-mismatch',
  'record-damaged',
  'share-damaged',
  'record-not-in-log',
  'index-mismatch',
  'known-checkpoint-invalid',
  'known-checkpoint-ahead',
  'known-checkpoint-mismatch',
  'known-words-mismatch',
  'proof-invalid',
  'export-malformed',
  'export-signature-invalid',
  'export-mismatch',
  'export-file-changed',
] as const
export const problemSchema = z.strictObject({
  code: z.enum(problemCodes),
  /** Entry it was found at; null when it is not about one entry. */
  seq: countSchema.nullable(),
  /** Plain words and names: which share, whose, which credential. */
  detail: z.string().max(300),
})
export type Problem = z.infer<typeof problemSchema>

export const verifyReportSchema = z.strictObject({
  /** What was looked at: a log from its first entry to its last, or a part of one with proofs. */
  kind: z.enum(['whole', 'part']),
  integrity: z.strictObject({
    verdict: z.enum(['intact', 'broken']),
    /** The first problem met, then up to 99 more. */
    problems: z.array(problemSchema).max(100),
    /**
     * Entries 0..trustworthy-1 are still vouched for by chain, tree and a valid checkpoint. In a part: how many of the
     * entries shown are proved to be in the log that the station signed.
     */
    trustworthy: countSchema,
  }),
  completeness: z.strictObject({
    verdict: z.enum(['complete', 'incomplete', 'cannot-be-judged']),
    /** Size of the checkpoint or the words known from elsewhere, if any. */
    knownSize: countSchema.nullable(),
    /** There when the verdict rests on head words, which are 44 bits and no signature. */
    byWords: z.literal(true).optional(),
    problems: z.array(problemSchema).max(10),
  }),
  /** Of the log; for a part, of the log that it is from. */
  size: countSchema,
  root: hashSchema.nullable(),
  /** Four words of the head, as people read it aloud. */
  words: z.array(z.string().max(20)).max(8),
  lastAt: timestampSchema.nullable(),
  checked: z.strictObject({
    entries: countSchema,
    checkpoints: countSchema,
    taps: countSchema,
    manifests: countSchema,
    records: countSchema,
    /** Minutes of ceremonies with all their signatures; absent where there are none. */
    minutes: countSchema.optional(),
  }),
  /** What `export.json` says; null where there is none. Believe it only when integrity is intact. */
  export: z
    .strictObject({
      at: timestampSchema,
      selection: selectionSchema.nullable(),
      selected: countSchema,
      shown: countSchema,
      files: countSchema,
      /** Whose tap signs for it; null when nobody's does (command line). */
      signedBy: z.string().max(100).nullable(),
    })
    .nullable(),
})
export type VerifyReport = z.infer<typeof verifyReportSchema>

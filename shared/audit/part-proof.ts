/** One line of `proofs.jsonl` (docs/format.md, section 6, "Parts"). */
import { z } from 'zod'
import { concatBytes, toBase64Url, utf8 } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import { countSchema, hashSchema } from '../domain/forms.ts'
import { readCanonical, type Reading } from './entry-reader.ts'

/** A path has a hash for each halving of the tree, and sizes end at 2^53. */
const pathSchema = z.array(hashSchema).max(54)
export const proofSchema = z.strictObject({
  seq: countSchema,
  /** RFC 6962 audit path of the entry's leaf, nearest sibling first. */
  path: pathSchema,
  /** RFC 6962 consistency proofs of the heads that the entry speaks of. */
  heads: z.array(pathSchema).max(3),
})
export type PartProof = z.infer<typeof proofSchema>

const proofBytesMax = 16_384

export interface ProofPaths {
  readonly seq: number
  readonly path: readonly Uint8Array[]
  readonly heads: readonly (readonly Uint8Array[])[]
}

/** The line with its newline. */
export const proofLine = ({ seq, path, heads }: ProofPaths): Uint8Array<ArrayBuffer> =>
  concatBytes(
    canonicalBytes({ seq, path: path.map(toBase64Url), heads: heads.map((proof) => proof.map(toBase64Url)) }),
    utf8('\n'),
  )

/** Inverse of {@link proofLine}, for a line without its newline. */
export const readProof = (line: Uint8Array): Reading<PartProof> => readCanonical(line, proofSchema, proofBytesMax)

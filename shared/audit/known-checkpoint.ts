/** Completeness: a checkpoint known from elsewhere against the log at hand (docs/format.md, "Verification"). */
import { sameBytes } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { treeRoot, type MerkleTree } from './merkle.ts'
import { verifySignedNote } from './note.ts'
import type { Problem, VerifyReport } from './report.ts'

export interface KnownCheckpoint {
  /** Takes the log at every size it reaches, with the station key active at that size. */
  readonly observe: (tree: MerkleTree, activeKey: Uint8Array) => void
  /** The verdict about a log that ends at `size`. */
  readonly judge: (origin: string | null, size: number) => VerifyReport['completeness']
}

interface Observed {
  readonly sameRoot: boolean
  readonly signed: boolean
}

const verdictOf = (
  verdict: VerifyReport['completeness']['verdict'],
  knownSize: number | null,
  code?: Problem['code'],
  detail = '',
): VerifyReport['completeness'] => ({
  verdict,
  knownSize,
  problems: code === undefined ? [] : [{ code, seq: null, detail }],
})

function judgeReached({ size }: Checkpoint, { sameRoot, signed }: Observed): VerifyReport['completeness'] {
  if (!sameRoot) {
    const who = signed ? 'the same station key signed both' : 'the known one is not signed by the key of this log'
    return verdictOf(
      'incomplete',
      size,
      'known-checkpoint-mismatch',
      `at size ${size} this log is not the one that was known: ${who}`,
    )
  }
  return signed
    ? verdictOf('complete', size)
    : verdictOf('cannot-be-judged', size, 'known-checkpoint-invalid', 'its signature is not by the key of this log')
}

/** @param note the checkpoint as text; null when none is known. */
function createKnownCheckpoint(primitives: Primitives, note: string | null): KnownCheckpoint {
  const known = note === null ? null : parseCheckpoint(note)
  let observed: Observed | undefined
  return {
    observe: (tree, activeKey) => {
      if (tree.size !== known?.size) return
      observed = {
        sameRoot: sameBytes(treeRoot(primitives, tree), known.root),
        signed: verifySignedNote(primitives, known.note, { name: known.origin, publicKey: activeKey }),
      }
    },
    judge: (origin, size) => {
      if (note === null) return verdictOf('cannot-be-judged', null)
      if (known === null) {
        return verdictOf(
          'cannot-be-judged',
          null,
          'known-checkpoint-invalid',
          'the known checkpoint is not a checkpoint',
        )
      }
      if (origin !== null && known.origin !== origin) {
        return verdictOf('incomplete', known.size, 'known-checkpoint-invalid', 'the known checkpoint is of another log')
      }
      if (observed !== undefined) return judgeReached(known, observed)
      const missing = known.size - size
      return verdictOf(
        'incomplete',
        known.size,
        'known-checkpoint-ahead',
        `${missing} entries are missing at the end: ${known.size} were known, ${size} are here`,
      )
    },
  }
}

const weight: Readonly<Record<VerifyReport['completeness']['verdict'], number>> = {
  incomplete: 2,
  complete: 1,
  'cannot-be-judged': 0,
}

/**
 * One checkpoint or several, judged each for itself. One that the log does not hold outweighs all that it holds; one that
 * says nothing outweighs none.
 * @param notes the first of equal verdicts is the one reported
 */
export function createKnownCheckpoints(
  primitives: Primitives,
  notes: string | readonly string[] | null,
): KnownCheckpoint {
  const list = notes === null || typeof notes === 'string' ? [notes] : notes
  const all = (list.length === 0 ? [null] : list).map((note) => createKnownCheckpoint(primitives, note))
  return {
    observe: (tree, activeKey) => {
      for (const one of all) one.observe(tree, activeKey)
    },
    judge: (origin, size) =>
      all
        .map((one) => one.judge(origin, size))
        .reduce((worst, one) => (weight[one.verdict] > weight[worst.verdict] ? one : worst)),
  }
}

/** Completeness: a checkpoint or words known from elsewhere against the log at hand (docs/format.md, "Verification"). */
import { sameBytes, toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { headWords } from './head-words.ts'
import { treeRoot, type MerkleTree } from './merkle.ts'
import { verifySignedNote } from './note.ts'
import type { Problem, VerifyReport } from './report.ts'

export interface KnownCheckpoint {
  /** Takes the log at every size it reaches, with the station key active at that size. */
  readonly observe: (tree: MerkleTree, activeKey: Uint8Array) => void
  /** The verdict about a log that ends at `size`. */
  readonly judge: (origin: string | null, size: number) => VerifyReport['completeness']
}

/** Head words read from paper or heard over the telephone, and the size that they were said of. */
export interface KnownWords {
  readonly words: readonly string[]
  readonly size: number
}

/** What is known of a log from elsewhere. */
export interface Known {
  /** Checkpoints as text; null when none is known. */
  readonly knownCheckpoint: string | readonly string[] | null
  readonly knownWords?: KnownWords
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

const ahead = (knownSize: number, size: number): VerifyReport['completeness'] =>
  verdictOf(
    'incomplete',
    knownSize,
    'known-checkpoint-ahead',
    `${knownSize - size} entries are missing at the end: ${knownSize} were known, ${size} are here`,
  )

/** What is no checkpoint, or one of another log; null when it can be used. */
function judgeUnusable(known: Checkpoint | null, origin: string | null): VerifyReport['completeness'] | null {
  if (known === null) {
    const detail = 'the known checkpoint is not a checkpoint'
    return verdictOf('cannot-be-judged', null, 'known-checkpoint-invalid', detail)
  }
  return origin !== null && known.origin !== origin
    ? verdictOf('incomplete', known.size, 'known-checkpoint-invalid', 'the known checkpoint is of another log')
    : null
}

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
      const unusable = judgeUnusable(known, origin)
      if (known === null || unusable !== null) return unusable ?? verdictOf('cannot-be-judged', null)
      return observed === undefined ? ahead(known.size, size) : judgeReached(known, observed)
    },
  }
}

/** Words rest on 44 bits and no signature: enough against a mistake, an older copy, another log. */
function createKnownByWords(primitives: Primitives, known: KnownWords): KnownCheckpoint {
  let found: readonly string[] | undefined
  return {
    observe: (tree) => {
      if (tree.size !== known.size) return
      found = headWords(primitives, { size: tree.size, root: toBase64Url(treeRoot(primitives, tree)) })
    },
    judge: (_origin, size) => ({
      ...(found === undefined ? ahead(known.size, size) : judgeWords(known, found, verdictOf('complete', known.size))),
      byWords: true,
    }),
  }
}

function judgeWords(
  known: KnownWords,
  found: readonly string[],
  whenSame: VerifyReport['completeness'],
): VerifyReport['completeness'] {
  if (found.join(' ') === known.words.join(' ')) return whenSame
  const detail = `at size ${known.size} the words of this log are "${found.join(' ')}"`
  return verdictOf('incomplete', known.size, 'known-words-mismatch', detail)
}

const weight: Readonly<Record<VerifyReport['completeness']['verdict'], number>> = {
  incomplete: 2,
  complete: 1,
  'cannot-be-judged': 0,
}

const worstOf = (verdicts: readonly VerifyReport['completeness'][]): VerifyReport['completeness'] =>
  verdicts.reduce((worst, one) => (weight[one.verdict] > weight[worst.verdict] ? one : worst))

const notesOf = ({ knownCheckpoint, knownWords }: Known): readonly (string | null)[] => {
  const notes = knownCheckpoint === null || typeof knownCheckpoint === 'string' ? [knownCheckpoint] : knownCheckpoint
  const given = notes.filter((note) => note !== null)
  return given.length === 0 && knownWords === undefined ? [null] : given
}

/**
 * All that is known, each judged for itself. One that the log does not hold outweighs all that it holds; one that says nothing
 * outweighs none; the first of equal verdicts is the one reported.
 */
export function createKnownCheckpoints(primitives: Primitives, known: Known): KnownCheckpoint {
  const all = notesOf(known).map((note) => createKnownCheckpoint(primitives, note))
  if (known.knownWords !== undefined) all.push(createKnownByWords(primitives, known.knownWords))
  return {
    observe: (tree, activeKey) => {
      for (const one of all) one.observe(tree, activeKey)
    },
    judge: (origin, size) => worstOf(all.map((one) => one.judge(origin, size))),
  }
}

export interface KnownOfPart {
  /** Takes every head that the part proves. */
  readonly observe: (size: number, root: Uint8Array) => void
  /** The verdict about a part of the log that its checkpoint of `size` signs: at best it cannot be judged. */
  readonly judge: (origin: string | null, size: number) => VerifyReport['completeness']
}

/** As {@link createKnownCheckpoints}, for a part: a proof of inclusion never shows that nothing is missing. */
export function createKnownOfPart(primitives: Primitives, known: Known): KnownOfPart {
  const notes = notesOf(known).map((note) => ({ note, checkpoint: note === null ? null : parseCheckpoint(note) }))
  const { knownWords } = known
  const wanted = new Set([...notes.map(({ checkpoint }) => checkpoint?.size), knownWords?.size])
  const roots = new Map<number, Uint8Array>()

  const judgeSize = (
    knownSize: number,
    size: number,
    judgeRoot: (root: Uint8Array) => VerifyReport['completeness'],
  ): VerifyReport['completeness'] => {
    if (knownSize > size) return ahead(knownSize, size)
    const root = roots.get(knownSize)
    return root === undefined
      ? verdictOf(
          'cannot-be-judged',
          knownSize,
          'known-checkpoint-invalid',
          `this part proves nothing about the log at size ${knownSize}`,
        )
      : judgeRoot(root)
  }

  const judgeNote =
    (origin: string | null, size: number) =>
    ({ note, checkpoint }: (typeof notes)[number]): VerifyReport['completeness'] => {
      if (note === null) return verdictOf('cannot-be-judged', null)
      const unusable = judgeUnusable(checkpoint, origin)
      if (checkpoint === null || unusable !== null) return unusable ?? verdictOf('cannot-be-judged', null)
      return judgeSize(checkpoint.size, size, (root) =>
        sameBytes(root, checkpoint.root)
          ? verdictOf('cannot-be-judged', checkpoint.size)
          : verdictOf(
              'incomplete',
              checkpoint.size,
              'known-checkpoint-mismatch',
              `at size ${checkpoint.size} the log that this part is from is not the one that was known`,
            ),
      )
    }

  return {
    observe: (size, root) => {
      if (wanted.has(size)) roots.set(size, root)
    },
    judge: (origin, size) => {
      const verdicts = notes.map(judgeNote(origin, size))
      if (knownWords !== undefined) {
        const whenSame = verdictOf('cannot-be-judged', knownWords.size)
        const verdict = judgeSize(knownWords.size, size, (root) =>
          judgeWords(knownWords, headWords(primitives, { size: knownWords.size, root: toBase64Url(root) }), whenSame),
        )
        verdicts.push({ ...verdict, byWords: true })
      }
      // Of several that say nothing against it, one that fits says more than one that cannot be used.
      const worst = worstOf(verdicts)
      return worst.verdict === 'incomplete' ? worst : (verdicts.find(({ problems }) => problems.length === 0) ?? worst)
    },
  }
}
